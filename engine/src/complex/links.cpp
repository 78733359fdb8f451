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

/// Calls visit(v) for the vertices of the edge's lower link in order, until it returns false.
template <class Visit>
void each_link_vertex(const SparseGraph& graph, std::uint32_t rank, Visit visit) {
  const auto a = graph.neighbors(graph.edges().low[rank]);
  const auto b = graph.neighbors(graph.edges().high[rank]);
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (i->vertex == j->vertex) {
      if (i->rank < rank && j->rank < rank && !visit(i->vertex)) return;
      ++i;
      ++j;
    } else if (i->vertex < j->vertex) {
      ++i;
    } else {
      ++j;
    }
  }
}

}  // namespace

DenseLinks::DenseLinks(const DenseGraph& graph, Execution& execution)
    : edges_(&graph.edges()),
      bits_(&graph.kernels().graph.bitset),
      words_((std::size_t{graph.edges().vertex_count} + 63) / 64),
      adjacency_(words_ * graph.edges().vertex_count, 0, execution.budget()),
      members_(words_, 0, execution.budget()),
      short_rows_(execution.budget()),
      short_members_(execution.budget()),
      vertices_(execution.budget()) {}

std::uint32_t DenseLinks::open(std::uint32_t rank) {
  rank_ = rank;
  size_ = static_cast<std::uint32_t>(bits_->intersect(row(edges_->low[rank]), row(edges_->high[rank]), words_, members_.data()));
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

void DenseLinks::close(std::uint32_t rank) {
  const std::size_t low = edges_->low[rank];
  const std::size_t high = edges_->high[rank];
  adjacency_[low * words_ + high / 64] |= std::uint64_t{1} << (high % 64);
  adjacency_[high * words_ + low / 64] |= std::uint64_t{1} << (low % 64);
}

SparseLinks::SparseLinks(const SparseGraph& graph, Execution& execution)
    : graph_(&graph),
      execution_(&execution),
      vertices_(execution.budget()),
      number_(graph.edges().vertex_count, 0, execution.budget()),
      rows_(execution.budget()),
      members_(execution.budget()) {}

bool SparseLinks::is_empty(std::uint32_t rank) const {
  bool empty = true;
  each_link_vertex(*graph_, rank, [&](std::uint32_t) { return empty = false; });
  return empty;
}

std::uint32_t SparseLinks::open(std::uint32_t rank) {
  rank_ = rank;
  vertices_.clear();
  each_link_vertex(*graph_, rank, [&](std::uint32_t v) {
    vertices_.push_back(v);
    return true;
  });
  return static_cast<std::uint32_t>(vertices_.size());
}

Link SparseLinks::compressed() {
  const auto size = static_cast<std::uint32_t>(vertices_.size());
  fill_members(members_, size);
  const std::size_t words = members_.size();
  rows_.resize(words * size);
  std::fill(rows_.begin(), rows_.end(), 0);
  for (std::uint32_t i = 0; i < size; ++i) number_[vertices_[i]] = i + 1;
  for (std::uint32_t i = 0; i < size; ++i) {
    const auto list = graph_->neighbors(vertices_[i]);
    for (const Neighbor& n : list) {
      const std::uint32_t j = number_[n.vertex];
      if (j != 0 && n.rank < rank_) rows_[i * words + (j - 1) / 64] |= std::uint64_t{1} << ((j - 1) % 64);
    }
    execution_->poll(list.size());
  }
  for (const std::uint32_t v : vertices_) number_[v] = 0;
  return {.low = graph_->edges().low[rank_],
          .high = graph_->edges().high[rank_],
          .size = size,
          .members = members_.data(),
          .words = words,
          .rows = rows_.data(),
          .stride = words,
          .vertices = vertices_.data()};
}

}  // namespace tda::detail
