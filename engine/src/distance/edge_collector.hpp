// SPDX-License-Identifier: Apache-2.0
//
// EdgeCollector: keeps those of the distances shown to it that are at or below the threshold, as edges.
//
// Where their number is not known before, edges are kept in blocks: a growing array would hold three halves of them while it moves.
// Memory: (8 + sizeof Scalar) bytes an edge, and, without expect(), one more array of them while finish() joins the blocks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "complex/filtered_graph.hpp"
#include "distance/distance_rows.hpp"
#include "exec/budget.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

template <class Scalar>
class EdgeCollector {
 public:
  /// The most distances that can be shown at once.
  static constexpr std::size_t longest_row = longest_distance_row;

  EdgeCollector(Scalar threshold, Execution& execution)
      : threshold_(threshold), execution_(execution), blocks_(execution.budget()) {}

  /// Before the first edge: there will be this many. They go to their final place at once.
  void expect(std::uint64_t edges) {
    blocks_.emplace_back(execution_.budget(), static_cast<std::size_t>(edges) + longest_row);
  }

  /// Distances of vertex `high` to vertices first, first + 1, …, all below `high`. They are not NaN, and finite if at or below the threshold.
  void add_row(std::uint32_t high, std::uint32_t first, const Scalar* lengths, std::size_t count) {
    Block& block = room_for(count);
    std::size_t used = block.used;
    for (std::size_t j = 0; j < count; ++j) {
      block.length[used] = lengths[j] + Scalar{0};  // −0 becomes 0
      block.low[used] = first + static_cast<std::uint32_t>(j);
      block.high[used] = high;
      used += lengths[j] <= threshold_ ? 1 : 0;
    }
    close(block, used);
  }

  /// Distances of vertex `low` to vertices first, first + 1, …, all above `low`.
  void add_column(std::uint32_t low, std::uint32_t first, const Scalar* lengths, std::size_t count) {
    Block& block = room_for(count);
    std::size_t used = block.used;
    for (std::size_t j = 0; j < count; ++j) {
      block.length[used] = lengths[j];
      block.low[used] = low;
      block.high[used] = first + static_cast<std::uint32_t>(j);
      used += lengths[j] <= threshold_ ? 1 : 0;
    }
    close(block, used);
  }

  /// Distances of vertex `vertex` to the vertices others[0], others[1], …; none of them is `vertex`.
  void add_star(std::uint32_t vertex, const std::uint32_t* others, const Scalar* lengths, std::size_t count) {
    Block& block = room_for(count);
    std::size_t used = block.used;
    for (std::size_t j = 0; j < count; ++j) {
      block.length[used] = lengths[j];
      block.low[used] = std::min(vertex, others[j]);
      block.high[used] = std::max(vertex, others[j]);
      used += lengths[j] <= threshold_ ? 1 : 0;
    }
    close(block, used);
  }

  std::uint64_t count() const noexcept { return count_; }
  /// There are more edges than ranks for them.
  bool overflown() const noexcept { return count_ >= UINT32_MAX; }

  /// Moves the edges into graph.length, low and high, in the order in which they came.
  void finish(FilteredGraph<Scalar>& graph) {
    if (blocks_.size() == 1) {
      Block& block = blocks_.front();
      block.length.resize(block.used);
      block.low.resize(block.used);
      block.high.resize(block.used);
      graph.length.swap(block.length);
      graph.low.swap(block.low);
      graph.high.swap(block.high);
    } else {
      join_blocks(graph);
    }
    blocks_.clear();
    count_ = 0;
  }

 private:
  static constexpr std::size_t block_size = std::size_t{1} << 15;

  struct Block {
    Block(Budget& budget, std::size_t size) : length(budget), low(budget), high(budget) {
      length.resize(size);
      low.resize(size);
      high.resize(size);
    }
    RawVector<Scalar> length;
    RawVector<std::uint32_t> low;
    RawVector<std::uint32_t> high;
    std::size_t used = 0;
  };

  void join_blocks(FilteredGraph<Scalar>& graph) {
    const auto join = [this](auto& target, auto part) {
      target.resize(static_cast<std::size_t>(count_));
      auto place = target.begin();
      for (Block& block : blocks_) {
        auto& values = block.*part;
        place = std::copy_n(values.begin(), block.used, place);
        execution_.poll(block.used);
        values.clear();
        values.shrink_to_fit();
      }
    };
    join(graph.length, &Block::length);
    join(graph.low, &Block::low);
    join(graph.high, &Block::high);
  }

  // The first block is small: most inputs are.
  Block& room_for(std::size_t count) {
    if (blocks_.empty()) {
      blocks_.emplace_back(execution_.budget(), longest_row);
    } else if (blocks_.back().used + count > blocks_.back().length.size()) {
      blocks_.emplace_back(execution_.budget(), std::min(block_size, blocks_.back().length.size() * 2));
    }
    return blocks_.back();
  }

  void close(Block& block, std::size_t used) noexcept {
    count_ += used - block.used;
    block.used = used;
  }

  Scalar threshold_;
  Execution& execution_;
  std::uint64_t count_ = 0;
  Vector<Block> blocks_;
};

}  // namespace tda::detail
