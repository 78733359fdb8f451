// SPDX-License-Identifier: Apache-2.0
//
// Keys: one integer for each simplex of the Vietoris–Rips filtration.
//
// The *block* of an edge e = {a, b} is the set of simplices whose longest edge is e. Each of them is e ∪ S, with S a set of vertices that
// are joined to a, to b and to each other by edges of lower rank. Its key is
//     rank(e) · 2^index_bits + (2^index_bits − 1 − index(S)),
// with index(S) = Σ C(s_i, i+1), s_0 < s_1 < …, the place of S in the colexicographic order (the combinatorial number system). Comparing
// keys compares ranks first; within a block the larger index is the earlier simplex. The order of simplices of one dimension by key
// refines the filtration and is the one that U. Bauer, "Ripser: efficient computation of Vietoris–Rips persistence
// barcodes", J. Appl. Comput. Topol. 5 (2021), uses, with edges of equal length told apart.
//
// Invariant: 2^index_bits > index(S) for every S that is ever encoded; widths are checked before work begins, so a key never overflows.
// Memory: (largest subset − 2) · n words; subsets of one and two vertices need no table.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "exec/budget.hpp"
#include "tda/tda.h"

namespace tda::detail {

using NarrowWord = std::uint64_t;
using WideWord = unsigned __int128;

/// The largest simplex that a computation can meet: a cofacet in dimension TDA_MAX_DIMENSION + 1.
inline constexpr unsigned max_simplex_size = TDA_MAX_DIMENSION + 2;

inline constexpr int bit_width_of(NarrowWord word) noexcept { return static_cast<int>(std::bit_width(word)); }
inline constexpr int bit_width_of(WideWord word) noexcept {
  const auto upper = static_cast<std::uint64_t>(word >> 64);
  return upper != 0 ? 64 + bit_width_of(upper) : bit_width_of(static_cast<std::uint64_t>(word));
}

/// Well mixed bits of a key, for tables.
inline std::uint64_t hash_of(NarrowWord key) noexcept {
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93u;
  return key ^ key >> 32;
}
inline std::uint64_t hash_of(WideWord key) noexcept {
  return hash_of(static_cast<NarrowWord>(key) ^ static_cast<NarrowWord>(key >> 64) * 0x9e3779b97f4a7c15u);
}

/// The bits that index(S) needs for subsets of at most `subset_size` of `vertex_count` vertices; more than 128: 129.
int index_bits_needed(std::uint32_t vertex_count, unsigned subset_size) noexcept;

template <class Word>
class SimplexCoder {
 public:
  /// Precondition: index_bits_needed(vertex_count, subset_size) + bit_width(edge_count) <= bits of Word.
  SimplexCoder(Budget& budget, std::uint32_t vertex_count, unsigned subset_size, std::uint32_t edge_count);

  /// C(v, k) for 1 <= k <= subset_size.
  Word binomial(std::uint32_t v, unsigned k) const noexcept {
    if (k == 1) return v;
    if (k == 2) return Word{v} * (v - Word{v != 0}) / 2;
    return table_[(k - 3) * std::size_t{vertex_count_} + v];
  }

  /// index({subset[0] < … < subset[size − 1]}).
  Word encode(const std::uint32_t* subset, unsigned size) const noexcept {
    Word index = 0;
    for (unsigned i = 0; i < size; ++i) index += binomial(subset[i], i + 1);
    return index;
  }

  /// The inverse of encode. O(size · log n).
  void decode(Word index, unsigned size, std::uint32_t* subset) const noexcept {
    std::uint32_t bound = vertex_count_;
    for (unsigned k = size; k > 1; --k) {
      // The largest v with C(v, k) <= index; it lies in [k − 1, bound).
      std::uint32_t v = k - 1;
      for (std::uint32_t length = bound - v; length > 1;) {
        const std::uint32_t half = length / 2;
        v = binomial(v + half, k) <= index ? v + half : v;
        length -= half;
      }
      index -= binomial(v, k);
      subset[k - 1] = bound = v;
    }
    if (size > 0) subset[0] = static_cast<std::uint32_t>(index);
  }

  /// The lower part of the key of a simplex with this index.
  Word tail(Word index) const noexcept { return tail_mask_ - index; }
  /// The smallest key of a block.
  Word block(std::uint32_t rank) const noexcept { return Word{rank} << index_bits_; }
  Word key(std::uint32_t rank, Word index) const noexcept { return block(rank) | tail(index); }
  std::uint32_t rank(Word key) const noexcept { return static_cast<std::uint32_t>(key >> index_bits_); }
  Word index(Word key) const noexcept { return tail_mask_ - (key & tail_mask_); }

 private:
  std::uint32_t vertex_count_;
  int index_bits_;
  Word tail_mask_;
  Vector<Word> table_;  // C(v, k) at [(k − 3) · n + v]
};

extern template class SimplexCoder<NarrowWord>;
extern template class SimplexCoder<WideWord>;

}  // namespace tda::detail
