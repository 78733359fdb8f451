// SPDX-License-Identifier: Apache-2.0
#include "complex/sparse_links.hpp"

#include <algorithm>
#include <bit>

namespace tda::detail {
namespace {

constexpr std::uint32_t no_row = UINT32_MAX;
constexpr std::uint32_t no_edge = UINT32_MAX;
constexpr std::size_t row_ranks = std::size_t{1} << 22;  // 16 MiB
constexpr std::size_t least_rows = 16;
constexpr std::size_t words_worth_compressing = 5;
// A row is made through the numbers of the neighbours: 0, outside of the star, is the place before the first rank. The ranks begin at a multiple of 64 bytes.
constexpr std::size_t row_start = 16;

std::size_t place_of(std::uint32_t number) noexcept { return row_start - 1 + number; }

std::size_t highest_bit(std::uint64_t bits) noexcept { return static_cast<std::size_t>(std::bit_width(bits)) - 1; }

}  // namespace

SparseLinks::SparseLinks(const SparseGraph& graph, Execution& execution)
    : graph_(&graph),
      execution_(&execution),
      star_(&graph.kernels().graph.star),
      bits_(&graph.kernels().graph.bitset),
      number_(graph.edges().vertex_count, 0, execution.budget()),
      vertices_(execution.budget()),
      center_row_(execution.budget()),
      rows_(execution.budget()),
      row_place_(execution.budget()),
      members_(execution.budget()),
      lonely_(execution.budget()),
      below_(execution.budget()),
      adjacency_(execution.budget()),
      short_members_(execution.budget()),
      short_rows_(execution.budget()),
      short_vertices_(execution.budget()) {}

void SparseLinks::enter() {
  const auto list = graph_->neighbors(center_);
  const std::size_t degree = list.size();
  words_ = (degree + 63) / 64;
  stride_ = row_start + 64 * words_;
  vertices_.resize(degree);
  center_row_.assign(stride_, no_edge);
  for (std::size_t i = 0; i < degree; ++i) {
    vertices_[i] = list[i].vertex;
    center_row_[row_start + i] = list[i].rank;
    number_[list[i].vertex] = static_cast<std::uint32_t>(i + 1);
  }
  row_place_.assign(degree, no_row);
  row_count_ = 0;
  row_capacity_ = std::min(degree, std::max(least_rows, row_ranks / stride_));
  members_.resize(words_);
  lonely_.resize(words_);
  below_.resize(words_);
  execution_->poll(2 * degree);
}

void SparseLinks::leave() noexcept {
  for (const std::uint32_t v : vertices_) number_[v] = 0;
}

const std::uint32_t* SparseLinks::row(std::uint32_t i) {
  if (row_place_[i] == no_row) {
    if (row_count_ == row_capacity_) {
      std::fill(row_place_.begin(), row_place_.end(), no_row);
      row_count_ = 0;
    }
    if (rows_.size() < (row_count_ + 1) * stride_) rows_.resize(std::max((row_count_ + 1) * stride_, std::min(2 * rows_.size(), row_capacity_ * stride_)));
    row_place_[i] = static_cast<std::uint32_t>(row_count_++);
    std::uint32_t* const made = rows_.data() + row_place_[i] * stride_;
    std::fill(made, made + stride_, no_edge);
    const auto list = graph_->neighbors(vertices_[i]);
    for (const Neighbor& n : list) made[place_of(number_[n.vertex])] = n.rank;
    execution_->poll(list.size() + stride_ / 8);
  }
  return rows_.data() + row_place_[i] * stride_ + row_start;
}

bool SparseLinks::is_empty() const {
  for (const Neighbor& n : graph_->neighbors(vertices_[other_])) {
    if (n.rank < rank_ && center_row_[place_of(number_[n.vertex])] < rank_) return false;
  }
  return true;
}

std::uint32_t SparseLinks::open() {
  size_ = static_cast<std::uint32_t>(star_->both_below(center_row_.data() + row_start, row(other_), words_, rank_, members_.data()));
  return size_;
}

const std::uint64_t* SparseLinks::lonely_members() {
  // From the greatest member down, each one rules out its neighbours below it.
  std::copy(members_.begin(), members_.end(), lonely_.begin());
  std::size_t top = words_;
  while (members_[top - 1] == 0) --top;
  std::uint32_t left = size_;  // members below the present one that nothing has ruled out, and those above it that nothing will
  std::uint32_t kept = 0;
  for (std::size_t w = top; w-- > 0 && left != kept;) {
    for (std::uint64_t bits = members_[w]; bits != 0 && left != kept;) {
      const std::size_t u = highest_bit(bits);
      bits ^= std::uint64_t{1} << u;
      kept += static_cast<std::uint32_t>(lonely_[w] >> u & 1);
      if (left == kept) break;
      star_->below(row(static_cast<std::uint32_t>(64 * w + u)), w + 1, rank_, below_.data());
      below_[w] &= (std::uint64_t{1} << u) - 1;
      for (std::size_t i = 0; i <= w; ++i) {
        left -= static_cast<std::uint32_t>(std::popcount(lonely_[i] & below_[i]));
        lonely_[i] &= ~below_[i];
      }
      execution_->poll(4 * w + 4);
    }
  }
  lonely_[top - 1] ^= std::uint64_t{1} << highest_bit(members_[top - 1]);
  return left == 1 ? nullptr : lonely_.data();
}

void SparseLinks::read_adjacency() {
  adjacency_.resize(element_count(vertices_.size(), words_));
  for (std::size_t w = 0; w < words_; ++w) {
    for (std::uint64_t bits = members_[w]; bits != 0; bits &= bits - 1) {
      const std::size_t i = 64 * w + static_cast<std::size_t>(std::countr_zero(bits));
      star_->below(row(static_cast<std::uint32_t>(i)), words_, rank_, adjacency_.data() + i * words_);
    }
  }
  execution_->poll(size_ * (4 * words_ + 2));
}

Link SparseLinks::direct() {
  read_adjacency();
  const std::uint32_t other = vertices_[other_];
  return {.low = std::min(center_, other),
          .high = std::max(center_, other),
          .size = size_,
          .members = members_.data(),
          .words = words_,
          .rows = adjacency_.data(),
          .stride = words_,
          .vertices = vertices_.data()};
}

Link SparseLinks::compressed() {
  Link link = direct();
  if (words_ < words_worth_compressing) return link;
  short_vertices_.clear();
  for (std::size_t w = 0; w < words_; ++w) {
    for (std::uint64_t bits = members_[w]; bits != 0; bits &= bits - 1)
      short_vertices_.push_back(vertices_[64 * w + static_cast<std::size_t>(std::countr_zero(bits))]);
  }
  fill_members(short_members_, size_);
  const std::size_t short_words = short_members_.size();
  short_rows_.resize(element_count(short_words, size_));
  bits_->compress_rows(members_.data(), words_, adjacency_.data(), words_, short_rows_.data(), short_words);
  link.members = short_members_.data();
  link.words = short_words;
  link.rows = short_rows_.data();
  link.stride = short_words;
  link.vertices = short_vertices_.data();
  return link;
}

}  // namespace tda::detail
