// SPDX-License-Identifier: Apache-2.0
#include "complex/dense_graph.hpp"

#include <algorithm>
#include <cstring>

namespace tda::detail {
namespace {

constexpr std::uint64_t row_alignment = 64;

/// The greatest value of a lane means "no edge", so it is no rank.
std::uint64_t lane_bytes(std::uint32_t edge_count) noexcept { return edge_count < UINT16_MAX ? 2 : 4; }

std::uint64_t padded_row_bytes(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept {
  return (vertex_count * lane_bytes(edge_count) + row_alignment - 1) / row_alignment * row_alignment;
}

}  // namespace

std::uint64_t DenseGraph::bytes_needed(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept {
  return vertex_count * padded_row_bytes(vertex_count, edge_count);
}

DenseGraph::DenseGraph(const Edges& edges, const KernelTable& kernels, Execution& execution)
    : edges_(&edges),
      kernels_(&kernels),
      rank_kernels_(lane_bytes(edges.count()) == 2 ? &kernels.graph.rank16 : &kernels.graph.rank32),
      columns_(padded_row_bytes(edges.vertex_count, edges.count()) / lane_bytes(edges.count())),
      row_bytes_(padded_row_bytes(edges.vertex_count, edges.count())),
      matrix_(execution.budget()) {
  matrix_.resize(element_count(edges.vertex_count, row_bytes_));
  for (std::uint32_t v = 0; v < edges.vertex_count; ++v) {
    std::memset(matrix_.data() + v * row_bytes_, 0xff, row_bytes_);
    execution.poll(row_bytes_ / 16);
  }
  if (lane_bytes(edges.count()) == 2) {
    fill<std::uint16_t>(execution);
  } else {
    fill<std::uint32_t>(execution);
  }
}

template <class Rank>
void DenseGraph::fill(Execution& execution) {
  constexpr std::uint32_t poll_stride = 1 << 13;
  auto* const matrix = reinterpret_cast<Rank*>(matrix_.data());
  for (std::uint32_t begin = 0; begin < edges_->count(); begin += std::min(poll_stride, edges_->count() - begin)) {
    const std::uint32_t end = begin + std::min(poll_stride, edges_->count() - begin);
    for (std::uint32_t r = begin; r < end; ++r) {
      const std::size_t low = edges_->low[r];
      const std::size_t high = edges_->high[r];
      matrix[low * columns_ + high] = matrix[high * columns_ + low] = static_cast<Rank>(r);
    }
    execution.poll(end - begin);
  }
}

}  // namespace tda::detail
