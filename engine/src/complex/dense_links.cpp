// SPDX-License-Identifier: Apache-2.0
#include "complex/dense_links.hpp"

namespace tda::detail {

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
  short_rows_.resize(element_count(short_words, size_));
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

}  // namespace tda::detail
