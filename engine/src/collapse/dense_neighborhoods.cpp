// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "collapse/neighborhoods.hpp"

namespace tda::detail {
namespace {

/// Rows are padded to the widest vector.
constexpr std::size_t row_alignment = 8;
constexpr std::uint32_t poll_stride = 1 << 13;

std::size_t row_words(std::uint32_t vertex_count) noexcept {
  return (std::size_t{vertex_count} + 64 * row_alignment - 1) / (64 * row_alignment) * row_alignment;
}

constexpr std::uint64_t bit_of(std::uint32_t v) noexcept { return std::uint64_t{1} << (v % 64); }

}  // namespace

std::uint64_t DenseNeighborhoods::bytes_needed(const TimedEdges& edges) noexcept {
  return std::uint64_t{edges.vertex_count} * row_words(edges.vertex_count) * (3 * sizeof(std::uint64_t) + sizeof(std::uint32_t)) +
         std::uint64_t{edges.count()} * 2 * sizeof(std::uint32_t);
}

DenseNeighborhoods::DenseNeighborhoods(const TimedEdges& edges, const KernelTable& kernels, Execution& execution)
    : kernels_(&kernels),
      words_(row_words(edges.vertex_count)),
      now_(execution.budget()),
      ever_(execution.budget()),
      all_(execution.budget()),
      base_(execution.budget()),
      times_(execution.budget()) {
  const std::size_t size = element_count(edges.vertex_count, words_);
  for (RawVector<std::uint64_t>* rows : {&all_, &ever_, &now_}) rows->resize(size);
  for (std::uint32_t v = 0; v < edges.vertex_count; ++v) {
    std::fill_n(all_.begin() + static_cast<std::ptrdiff_t>(v * words_), words_, 0);
    execution.poll(words_ / 4);
  }
  for (std::uint32_t i = 0; i < edges.count(); ++i) {
    const std::uint32_t low = edges.low[i];
    const std::uint32_t high = edges.high[i];
    all_[low * words_ + high / 64] |= bit_of(high);
    all_[high * words_ + low / 64] |= bit_of(low);
    if (i % poll_stride == 0) execution.poll(poll_stride);
  }
  base_.resize(size);
  std::uint32_t sum = 0;
  for (std::uint32_t v = 0; v < edges.vertex_count; ++v) {
    const std::size_t row = v * words_;
    for (std::size_t i = row; i < row + words_; ++i) {
      base_[i] = sum;
      ever_[i] = now_[i] = all_[i];
      if (all_[i] != 0) sum += static_cast<std::uint32_t>(std::popcount(all_[i]));
    }
    now_[row + v / 64] |= bit_of(v);
    execution.poll(words_);
  }
  times_.resize(sum);
  for (std::uint32_t i = 0; i < edges.count(); ++i) {
    set_time(edges.low[i], edges.high[i], edges.time[i]);
    if (i % poll_stride == 0) execution.poll(2 * poll_stride);
  }
}

DenseRows DenseNeighborhoods::view() const noexcept {
  return {.now = now_.data(),
          .ever = ever_.data(),
          .all = all_.data(),
          .base = base_.data(),
          .times = times_.data(),
          .words = words_};
}

std::size_t DenseNeighborhoods::slot(std::uint32_t v, std::uint32_t w) const noexcept {
  const std::size_t i = v * words_ + w / 64;
  return base_[i] + static_cast<std::size_t>(std::popcount(all_[i] & (bit_of(w) - 1)));
}

void DenseNeighborhoods::visit(std::uint32_t low, std::uint32_t high) noexcept {
  now_[low * words_ + high / 64] &= ~bit_of(high);
  now_[high * words_ + low / 64] &= ~bit_of(low);
}

void DenseNeighborhoods::set_time(std::uint32_t low, std::uint32_t high, std::uint32_t time) noexcept {
  times_[slot(low, high)] = time;
  times_[slot(high, low)] = time;
}

void DenseNeighborhoods::remove(std::uint32_t low, std::uint32_t high) noexcept {
  visit(low, high);
  ever_[low * words_ + high / 64] &= ~bit_of(high);
  ever_[high * words_ + low / 64] &= ~bit_of(low);
}

}  // namespace tda::detail
