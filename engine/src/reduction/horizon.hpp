// SPDX-License-Identifier: Apache-2.0
//
// Horizon: how far ahead the cofacets of a working column are made.
//
// A step that is too short scans the column again and again; one that is too long makes entries that nobody looks at. The step is set by
// what the last scan brought. It changes the work, never the result.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tda::detail {

class Horizon {
 public:
  /// A new column, born at rank `birth`, of a graph of `end` edges. The horizon is never more than `longest` − 1 ranks, at least one, beyond where it was.
  void start(std::uint32_t birth, std::uint32_t end, std::uint32_t longest) noexcept {
    end_ = end;
    most_step_ = longest - 1;
    step_ = std::max<std::uint64_t>(end / first_share, least_step);
    total_ = 0;
    rank_ = 0;
    move(std::uint64_t{birth} + 1);
  }

  /// Cofacets of rank below this are made.
  std::uint32_t rank() const noexcept { return rank_; }

  /// A scan of `columns` simplices up to the horizon brought `made` cofacets.
  void observe(std::uint64_t made, std::uint64_t columns) noexcept {
    const double density = static_cast<double>(made) / static_cast<double>(std::max<std::uint64_t>(columns, 1));
    total_ += density;
    const double wanted = std::max(least_density, total_ * density_growth);
    const double factor = std::clamp(wanted / std::max(density, 0.01), 0.25, 4.0);
    step_ = std::max<std::uint64_t>(static_cast<std::uint64_t>(static_cast<double>(step_) * factor), least_step);
  }

  /// Moves the horizon and returns where it was.
  std::uint32_t extend() noexcept {
    const std::uint32_t from = rank_;
    move(from);
    return from;
  }

 private:
  void move(std::uint64_t from) noexcept {
    rank_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(from + std::min(step_, most_step_), end_));
  }

  static constexpr std::uint32_t first_share = 256;
  static constexpr std::uint64_t least_step = 64;
  static constexpr double least_density = 12;
  static constexpr double density_growth = 0.25;

  std::uint32_t end_ = 0;
  std::uint32_t rank_ = 0;
  std::uint64_t step_ = 0;
  std::uint64_t most_step_ = 0;
  double total_ = 0;
};

}  // namespace tda::detail
