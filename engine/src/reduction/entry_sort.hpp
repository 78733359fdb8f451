// SPDX-License-Identifier: Apache-2.0
//
// Sorts the entries of a column by key: by comparison while there are few, else by the bytes in which the keys differ (radix, least byte first). O(k · bytes) for
// large k; a scratch array of the same length.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "exec/execution.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

template <class Word, class Field>
void sort_entries(RawVector<Entry<Word, Field>>& entries, RawVector<Entry<Word, Field>>& scratch, Execution& execution) {
  using Element = Entry<Word, Field>;
  constexpr std::size_t few = 384;  // measured: below it the counters of a byte cost more than they save
  if (entries.size() < few) {
    std::sort(entries.begin(), entries.end(), [](const Element& a, const Element& b) { return a.key < b.key; });
    return;
  }
  Word differing = 0;
  for (const Element& e : entries) differing |= e.key ^ entries.front().key;
  scratch.resize(entries.size());
  for (unsigned shift = 0; shift < 8 * sizeof(Word); shift += 8) {
    if ((static_cast<std::uint32_t>(differing >> shift) & 0xff) == 0) continue;
    std::array<std::size_t, 256> place{};
    const auto digit = [shift](const Element& e) { return static_cast<std::size_t>(e.key >> shift) & 0xff; };
    for (const Element& e : entries) ++place[digit(e)];
    std::size_t sum = 0;
    for (std::size_t& p : place) sum += std::exchange(p, sum);
    for (const Element& e : entries) scratch[place[digit(e)]++] = e;
    entries.swap(scratch);
    execution.poll(2 * entries.size());
  }
}

}  // namespace tda::detail
