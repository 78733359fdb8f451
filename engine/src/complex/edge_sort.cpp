// SPDX-License-Identifier: Apache-2.0
#include "complex/edge_sort.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>
#include <utility>

#include "exec/parallel.hpp"

namespace tda::detail {
namespace {

constexpr unsigned digit_bits = 11;
constexpr std::size_t digit_count = std::size_t{1} << digit_bits;
constexpr std::size_t poll_stride = std::size_t{1} << 15;

template <class Scalar>
using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;

/// Calls body(begin, end) for parts of [0, count), on the workers that this pays for, polling on the way.
template <class Body>
void each_part(std::size_t count, Execution& execution, Body body) {
  WorkQueue queue(count, poll_stride);
  in_parallel(execution, workers_for(execution, count), [&](unsigned, Execution& own) {
    while (const auto part = queue.next()) {
      body(part->begin, part->end);
      own.poll(part->end - part->begin);
    }
  });
}

/// The same for single places.
template <class Body>
void each(std::size_t count, Execution& execution, Body body) {
  each_part(count, execution, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

/// Stable radix sort of records by their upper halves, of which only the lowest `key_bits` bits are used.
void sort_by_prefix(RawVector<std::uint64_t>& records, unsigned key_bits, Execution& execution) {
  RawVector<std::uint64_t> scratch(execution.budget());
  scratch.resize(records.size());
  // Each chunk counts its digits, then moves its records behind those of the chunks before it: the order of a single pass over all of them.
  const unsigned workers = workers_for(execution, records.size());
  const std::size_t chunk_size = (records.size() + workers - 1) / workers;
  Vector<std::array<std::uint32_t, digit_count>> places(workers, execution.budget());
  const auto each_chunk = [&](auto body) {
    WorkQueue queue(workers, 1);
    in_parallel(execution, workers, [&](unsigned, Execution& own) {
      while (const auto chunk = queue.next()) {
        const std::size_t chunk_end = std::min(records.size(), (chunk->begin + 1) * chunk_size);
        for (std::size_t begin = chunk->begin * chunk_size; begin < chunk_end; begin += poll_stride) {
          const std::size_t end = std::min(chunk_end, begin + poll_stride);
          body(places[chunk->begin], begin, end);
          own.poll(end - begin);
        }
      }
    });
  };
  for (unsigned shift = 32; shift < 32 + key_bits; shift += digit_bits) {
    const auto digit = [shift](std::uint64_t record) { return (record >> shift) & (digit_count - 1); };
    for (auto& place : places) place.fill(0);
    each_chunk([&](auto& place, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++place[digit(records[i])];
    });
    std::uint32_t sum = 0;
    for (std::size_t d = 0; d < digit_count; ++d) {
      for (auto& place : places) sum += std::exchange(place[d], sum);
    }
    each_chunk([&](auto& place, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) scratch[place[digit(records[i])]++] = records[i];
    });
    records.swap(scratch);
  }
}

/// values[r] = values[place(records[r])] for all r.
template <class T>
void gather(RawVector<T>& values, const RawVector<std::uint64_t>& records, Execution& execution) {
  RawVector<T> sorted(execution.budget());
  sorted.resize(values.size());
  each(values.size(), execution, [&](std::size_t r) { sorted[r] = values[static_cast<std::uint32_t>(records[r])]; });
  values.swap(sorted);
}

}  // namespace

template <class Scalar>
void sort_edges(FilteredGraph<Scalar>& graph, Execution& execution) {
  const std::size_t count = graph.length.size();
  // Lengths are at least +0, so their bits as an unsigned integer are in the same order.
  const auto bits = [&](std::size_t i) { return std::bit_cast<Bits<Scalar>>(graph.length[i]); };
  const auto pair = [&](std::size_t i) { return std::uint64_t{graph.high[i]} << 32 | graph.low[i]; };
  const auto before = [&](std::size_t i, std::size_t j) {
    const auto x = bits(i);
    const auto y = bits(j);
    return x < y || (x == y && pair(i) < pair(j));
  };

  if (count == 0) return;
  Bits<Scalar> least = bits(0);
  Bits<Scalar> most = least;
  bool sorted = true;
  Mutex mutex;
  each_part(count, execution, [&](std::size_t begin, std::size_t end) {
    Bits<Scalar> low = bits(begin);
    Bits<Scalar> high = low;
    bool in_order = true;
    for (std::size_t i = begin; i < end; ++i) {
      low = std::min(low, bits(i));
      high = std::max(high, bits(i));
      in_order = in_order && (i == 0 || before(i - 1, i));
    }
    const std::lock_guard lock(mutex);
    least = std::min(least, low);
    most = std::max(most, high);
    sorted = sorted && in_order;
  });
  if (sorted) return;

  const auto width = static_cast<unsigned>(std::bit_width(static_cast<Bits<Scalar>>(most - least)));
  const unsigned dropped = width > 32 ? width - 32 : 0;
  RawVector<std::uint64_t> records(execution.budget());
  records.resize(count);
  each(count, execution, [&](std::size_t i) {
    records[i] = static_cast<std::uint64_t>(static_cast<Bits<Scalar>>(bits(i) - least) >> dropped) << 32 | i;
  });
  sort_by_prefix(records, width - dropped, execution);

  // Runs of one prefix: mostly single edges, or ties that are in order already.
  const auto record_before = [&](std::uint64_t a, std::uint64_t b) {
    execution.poll(1);
    return before(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
  };
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && records[end] >> 32 == records[begin] >> 32) ++end;
    const auto first = records.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = records.begin() + static_cast<std::ptrdiff_t>(end);
    execution.poll(1);
    if (end - begin > 1 && !std::is_sorted(first, last, record_before)) std::sort(first, last, record_before);
    begin = end;
  }

  gather(graph.length, records, execution);
  gather(graph.low, records, execution);
  gather(graph.high, records, execution);
}

template void sort_edges<float>(FilteredGraph<float>&, Execution&);
template void sort_edges<double>(FilteredGraph<double>&, Execution&);

}  // namespace tda::detail
