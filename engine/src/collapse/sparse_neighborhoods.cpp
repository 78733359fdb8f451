// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "collapse/adjacency.hpp"
#include "collapse/neighborhoods.hpp"

namespace tda::detail {
namespace {

constexpr std::uint64_t bit_of(std::uint32_t v) noexcept { return std::uint64_t{1} << (v % 64); }

}  // namespace

std::uint64_t SparseNeighborhoods::bytes_needed(const TimedEdges& edges) noexcept {
  return std::uint64_t{edges.count()} * 24 + std::uint64_t{edges.vertex_count} * (2 * sizeof(RowWord) + 12);
}

SparseNeighborhoods::SparseNeighborhoods(const TimedEdges& edges, const RawVector<std::uint32_t>& number,
                                         const KernelTable& kernels, Execution& execution)
    : kernels_(&kernels), number_(&number), rows_(execution.budget()), begin_(execution.budget()), times_(execution.budget()) {
  const std::uint32_t count = edges.vertex_count;
  const Adjacency adjacency(edges, &number, execution);

  // `owner[w] == v + 1`: word w is already in v's row.
  Vector<std::uint32_t> owner((std::size_t{count} + 63) / 64, 0, execution.budget());
  begin_.resize(std::size_t{count} + 1);
  std::uint32_t sum = 0;
  for (std::uint32_t v = 0; v < count; ++v) {
    begin_[v] = sum;
    const auto claim = [&](std::uint32_t word) { sum += owner[word] == v + 1 ? 0 : 1, owner[word] = v + 1; };
    claim(v / 64);
    for (const TimedNeighbor& n : adjacency.of(v)) claim(n.vertex / 64);
    longest_row_ = std::max<std::size_t>(longest_row_, sum - begin_[v]);
    execution.poll(adjacency.of(v).size());
  }
  begin_[count] = sum;
  rows_.resize(sum);

  // From here on: where word w is in the present row.
  Vector<std::uint32_t>& place = owner;
  std::fill(place.begin(), place.end(), 0);
  times_.resize(2 * std::size_t{edges.count()});
  std::uint32_t base = 0;
  for (std::uint32_t v = 0; v < count; ++v) {
    RowWord* const row = rows_.data() + begin_[v];
    const std::uint32_t size = begin_[v + 1] - begin_[v];
    std::uint32_t used = 0;
    const auto add = [&](std::uint32_t word) {
      const std::uint32_t at = place[word];
      if (at < used && row[at].word == word) return;
      place[word] = used;
      row[used++] = {.now = 0, .ever = 0, .all = 0, .base = 0, .word = word};
    };
    add(v / 64);
    for (const TimedNeighbor& n : adjacency.of(v)) add(n.vertex / 64);
    std::sort(row, row + size, [](const RowWord& a, const RowWord& b) { return a.word < b.word; });
    for (std::uint32_t i = 0; i < size; ++i) place[row[i].word] = i;
    for (const TimedNeighbor& n : adjacency.of(v)) row[place[n.vertex / 64]].all |= bit_of(n.vertex);
    for (std::uint32_t i = 0; i < size; ++i) {
      row[i].now = row[i].ever = row[i].all;
      row[i].base = base;
      base += static_cast<std::uint32_t>(std::popcount(row[i].all));
    }
    for (const TimedNeighbor& n : adjacency.of(v)) {
      const RowWord& word = row[place[n.vertex / 64]];
      times_[word.base + static_cast<std::size_t>(std::popcount(word.all & (bit_of(n.vertex) - 1)))] = n.time;
    }
    row[place[v / 64]].now |= bit_of(v);
    execution.poll(4 * adjacency.of(v).size() + 8);
  }
}

CollapseAnswer SparseNeighborhoods::settle(const CollapseQuery& query, const CollapseScratch& scratch) const {
  const SparseRows rows{.rows = rows_.data(), .begin = begin_.data(), .times = times_.data()};
  CollapseQuery numbered = query;
  numbered.low = (*number_)[query.low];
  numbered.high = (*number_)[query.high];
  return kernels_->collapse.settle_sparse(rows, numbered, scratch);
}

RowWord& SparseNeighborhoods::find(std::uint32_t v, std::uint32_t w) noexcept {
  RowWord* const first = rows_.data() + begin_[v];
  RowWord* const last = rows_.data() + begin_[v + 1];
  return *std::lower_bound(first, last, w / 64, [](const RowWord& row, std::uint32_t word) { return row.word < word; });
}

void SparseNeighborhoods::visit(std::uint32_t low, std::uint32_t high) noexcept {
  const std::uint32_t v = (*number_)[low];
  const std::uint32_t w = (*number_)[high];
  find(v, w).now &= ~bit_of(w);
  find(w, v).now &= ~bit_of(v);
}

void SparseNeighborhoods::set_time(std::uint32_t low, std::uint32_t high, std::uint32_t time) noexcept {
  const auto set = [&](std::uint32_t v, std::uint32_t w) {
    const RowWord& word = find(v, w);
    times_[word.base + static_cast<std::size_t>(std::popcount(word.all & (bit_of(w) - 1)))] = time;
  };
  set((*number_)[low], (*number_)[high]);
  set((*number_)[high], (*number_)[low]);
}

void SparseNeighborhoods::remove(std::uint32_t low, std::uint32_t high) noexcept {
  const std::uint32_t v = (*number_)[low];
  const std::uint32_t w = (*number_)[high];
  RowWord& of_v = find(v, w);
  of_v.now &= ~bit_of(w);
  of_v.ever &= ~bit_of(w);
  RowWord& of_w = find(w, v);
  of_w.now &= ~bit_of(v);
  of_w.ever &= ~bit_of(v);
}

}  // namespace tda::detail
