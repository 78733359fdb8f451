// SPDX-License-Identifier: Apache-2.0
#include "complex/links.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

/// Sets the lowest `count` bits.
void fill_members(RawVector<std::uint64_t>& members, std::uint32_t count) {
  const std::size_t words = (std::size_t{count} + 63) / 64;
  members.resize(words);
  std::fill(members.begin(), members.end(), ~std::uint64_t{0});
  if (count % 64 != 0) members[words - 1] = (std::uint64_t{1} << (count % 64)) - 1;
}

}  // namespace

DenseLinks::DenseLinks(const DenseGraph& graph, Execution& execution)
    : edges_(&graph.edges()),
      bits_(&graph.kernels().graph.bitset),
      words_((std::size_t{graph.edges().vertex_count} + 63) / 64),
      adjacency_(words_ * graph.edges().vertex_count, 0, execution.budget()),
      members_(words_, 0, execution.budget()),
      lonely_(words_, 0, execution.budget()),
      short_rows_(execution.budget()),
      short_members_(execution.budget()),
      vertices_(execution.budget()) {}

std::uint32_t DenseLinks::open() {
  size_ = static_cast<std::uint32_t>(bits_->intersect(row(edges_->low[rank_]), row(edges_->high[rank_]), words_, members_.data()));
  return size_;
}

Link DenseLinks::direct() const {
  return {.low = edges_->low[rank_],
          .high = edges_->high[rank_],
          .size = size_,
          .members = members_.data(),
          .words = words_,
          .rows = adjacency_.data(),
          .stride = words_,
          .vertices = nullptr};
}

const std::uint64_t* DenseLinks::lonely_members() {
  const std::size_t count = bits_->lonely_members(members_.data(), words_, adjacency_.data(), words_, lonely_.data());
  return count == 0 ? nullptr : lonely_.data();
}

Link DenseLinks::compressed() {
  vertices_.clear();
  for (std::size_t w = 0; w < words_; ++w) {
    for (std::uint64_t bits = members_[w]; bits != 0; bits &= bits - 1)
      vertices_.push_back(static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(__builtin_ctzll(bits)));
  }
  fill_members(short_members_, size_);
  const std::size_t short_words = short_members_.size();
  short_rows_.resize(short_words * size_);
  bits_->compress_rows(members_.data(), words_, adjacency_.data(), words_, short_rows_.data(), short_words);
  return {.low = edges_->low[rank_],
          .high = edges_->high[rank_],
          .size = size_,
          .members = short_members_.data(),
          .words = short_words,
          .rows = short_rows_.data(),
          .stride = short_words,
          .vertices = vertices_.data()};
}

void DenseLinks::add_edge() {
  const std::size_t low = edges_->low[rank_];
  const std::size_t high = edges_->high[rank_];
  adjacency_[low * words_ + high / 64] |= std::uint64_t{1} << (high % 64);
  adjacency_[high * words_ + low / 64] |= std::uint64_t{1} << (low % 64);
}

SparseLinks::SparseLinks(const SparseGraph& graph, Execution& execution)
    : graph_(&graph),
      execution_(&execution),
      vertices_(execution.budget()),
      marks_(graph.edges().vertex_count, Mark{0, 0}, execution.budget()),
      rows_(execution.budget()),
      members_(execution.budget()),
      lonely_(execution.budget()) {}

void SparseLinks::mark_neighbors() {
  const auto list = graph_->neighbors(low_);
  for (const Neighbor& n : list) marks_[n.vertex].rank = n.rank + 1;
  execution_->poll(list.size());
}

void SparseLinks::unmark_neighbors() {
  for (const Neighbor& n : graph_->neighbors(low_)) marks_[n.vertex].rank = 0;
}

/// Calls visit(v) for the vertices of the link in order, until it returns false.
template <class Visit>
void SparseLinks::each_member(Visit visit) const {
  for (const Neighbor& n : graph_->neighbors(high_)) {
    // Unsigned: no mark becomes the greatest rank of all.
    if (marks_[n.vertex].rank - 1 < rank_ && n.rank < rank_ && !visit(n.vertex)) return;
  }
}

bool SparseLinks::is_empty() const {
  bool empty = true;
  each_member([&](std::uint32_t) { return empty = false; });
  return empty;
}

std::uint32_t SparseLinks::open() {
  vertices_.clear();
  each_member([&](std::uint32_t v) {
    vertices_.push_back(v);
    return true;
  });
  return static_cast<std::uint32_t>(vertices_.size());
}

const std::uint64_t* SparseLinks::lonely_members() {
  const auto size = static_cast<std::uint32_t>(vertices_.size());
  fill_members(lonely_, size);
  for (std::uint32_t i = 0; i < size; ++i) marks_[vertices_[i]].number = i + 1;
  // Members below i that have not met a neighbour above them yet.
  std::uint32_t left = size - 1;
  for (std::uint32_t i = size; left != 0 && i-- > 1;) {
    const std::uint32_t v = vertices_[i];
    for (const Neighbor& n : graph_->neighbors(v)) {
      if (n.vertex >= v) break;
      const std::uint32_t j = marks_[n.vertex].number;
      if (j == 0 || n.rank >= rank_) continue;
      std::uint64_t& word = lonely_[(j - 1) / 64];
      left -= static_cast<std::uint32_t>(word >> ((j - 1) % 64) & 1);
      word &= ~(std::uint64_t{1} << ((j - 1) % 64));
    }
    left -= static_cast<std::uint32_t>(lonely_[(i - 1) / 64] >> ((i - 1) % 64) & 1);
    execution_->poll(16);
  }
  for (const std::uint32_t v : vertices_) marks_[v].number = 0;
  lonely_[(size - 1) / 64] &= ~(std::uint64_t{1} << ((size - 1) % 64));
  const bool any = std::any_of(lonely_.begin(), lonely_.end(), [](std::uint64_t word) { return word != 0; });
  return any ? lonely_.data() : nullptr;
}

Link SparseLinks::compressed() {
  const auto size = static_cast<std::uint32_t>(vertices_.size());
  fill_members(members_, size);
  const std::size_t words = members_.size();
  rows_.resize(words * size);
  std::fill(rows_.begin(), rows_.end(), 0);
  for (std::uint32_t i = 0; i < size; ++i) marks_[vertices_[i]].number = i + 1;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t v = vertices_[i];
    for (const Neighbor& n : graph_->neighbors(v)) {
      if (n.vertex >= v) break;
      const std::uint32_t j = marks_[n.vertex].number;
      if (j == 0 || n.rank >= rank_) continue;
      rows_[i * words + (j - 1) / 64] |= std::uint64_t{1} << ((j - 1) % 64);
      rows_[(j - 1) * words + i / 64] |= std::uint64_t{1} << (i % 64);
    }
    execution_->poll(16);
  }
  for (const std::uint32_t v : vertices_) marks_[v].number = 0;
  return {.low = low_,
          .high = high_,
          .size = size,
          .members = members_.data(),
          .words = words,
          .rows = rows_.data(),
          .stride = words,
          .vertices = vertices_.data()};
}

}  // namespace tda::detail
