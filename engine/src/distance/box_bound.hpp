// SPDX-License-Identifier: Apache-2.0
//
// BoxBound: how near, and how far, points of two boxes can be, in a unit that is cheap to compute and comparable with distances.
//
// A box is given by its least and its largest coordinates; a point is a box, too. Bounds are weaker than the computed distances by a margin that is
// far more than the rounding of both, so that what is pruned by them would never have been taken. O(dimension) for each.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "distance/point_cloud.hpp"

namespace tda::detail {

class BoxBound {
 public:
  explicit BoxBound(const PointCloud& cloud) noexcept
      : dimension_(cloud.dimension()), least_unit_(least_unit(cloud)), most_unit_(most_unit(cloud)) {
    const Metric metric = cloud.metric().kind;
    in_order_ = dimension_ < lanes && !cloud.extreme() && metric != Metric::cosine && metric != Metric::minkowski;
  }

  /// If least(a, b) > limit(d), no point of a has a computed distance of d or less to a point of b.
  double limit(double distance) const noexcept {
    constexpr double margin = 1 + 0x1p-30;
    constexpr double least_cosine = 0x1p-98;  // below it the kernel says 0
    if (least_unit_ == Unit::half_sum_of_squares) return 2 * margin * std::max(distance, least_cosine);
    return (least_unit_ == Unit::sum_of_squares ? distance * distance : distance) * margin;
  }

  /// If least(a, b) > nearer_limit(d), no point of a has a computed distance below d > 0 to a point of b. Tight for few coordinates: then the sums of
  /// least() and of the kernels have the same order, every operation of them is monotone, and points that are all at distance d prune, too.
  double nearer_limit(double distance) const noexcept {
    if (!in_order_) return limit(distance);
    const auto below = [](double x) { return std::nextafter(x, 0.0); };
    if (least_unit_ != Unit::sum_of_squares) return below(distance);
    double square = distance * distance;
    while (std::sqrt(square) >= distance) square = below(square);
    return square;
  }

  /// A lower bound of the distances between two boxes.
  double least(const double* lower_a, const double* upper_a, const double* lower_b, const double* upper_b) const noexcept {
    const auto gap = [=](std::size_t k) { return std::max(0.0, std::max(lower_b[k] - upper_a[k], lower_a[k] - upper_b[k])); };
    return combined(least_unit_, gap);
  }

  /// If most(a, b) < reach(d), all points of a have a computed distance below d to all points of b.
  double reach(double distance) const noexcept {
    constexpr double margin = 1 - 0x1p-30;
    if (most_unit_ == Unit::half_sum_of_squares) return 2 * margin * distance;
    return (most_unit_ == Unit::sum_of_squares ? distance * distance : distance) * margin;
  }

  /// An upper bound of the distances between two boxes.
  double most(const double* lower_a, const double* upper_a, const double* lower_b, const double* upper_b) const noexcept {
    const auto span = [=](std::size_t k) { return std::max(upper_b[k] - lower_a[k], upper_a[k] - lower_b[k]); };
    return combined(most_unit_, span);
  }

 private:
  static constexpr std::size_t lanes = 4;
  enum class Unit { sum, sum_of_squares, half_sum_of_squares, largest };

  static Unit least_unit(const PointCloud& cloud) noexcept {
    switch (cloud.metric().kind) {
      case Metric::manhattan:
        return Unit::sum;
      case Metric::cosine:
        return Unit::half_sum_of_squares;
      case Metric::euclidean:
        // Without squares nothing can leave their range.
        return cloud.extreme() ? Unit::largest : Unit::sum_of_squares;
      case Metric::minkowski:
        // The norms fall as the exponent rises.
        return cloud.extreme() || cloud.metric().exponent > 2 ? Unit::largest : Unit::sum_of_squares;
      case Metric::chebyshev:
        break;
    }
    return Unit::largest;
  }

  static Unit most_unit(const PointCloud& cloud) noexcept {
    switch (cloud.metric().kind) {
      case Metric::cosine:
        return Unit::half_sum_of_squares;
      case Metric::chebyshev:
        return Unit::largest;
      case Metric::euclidean:
        return cloud.extreme() ? Unit::sum : Unit::sum_of_squares;
      default:
        return Unit::sum;
    }
  }

  template <class Part>
  double combined(Unit unit, Part part) const noexcept {
    switch (unit) {
      case Unit::sum:
        return in_lanes(part, [](double sum, double x) { return sum + x; }, false);
      case Unit::largest:
        return in_lanes(part, [](double largest, double x) { return std::max(largest, x); }, true);
      default:
        return in_lanes(part, [](double sum, double x) { return sum + x * x; }, false);
    }
  }

  // In lanes that the compiler can make a vector of; the order does not matter to a bound.
  template <class Part, class Combine>
  double in_lanes(Part part, Combine combine, bool largest) const noexcept {
    if (dimension_ < lanes) {
      double result = 0;
      for (std::size_t k = 0; k < dimension_; ++k) result = combine(result, part(k));
      return result;
    }
    std::array<double, lanes> partial{};
    std::size_t k = 0;
    for (; k + lanes <= dimension_; k += lanes)
      for (std::size_t l = 0; l < lanes; ++l) partial[l] = combine(partial[l], part(k + l));
    for (; k < dimension_; ++k) partial[0] = combine(partial[0], part(k));
    return largest ? *std::max_element(partial.begin(), partial.end()) : (partial[0] + partial[1]) + (partial[2] + partial[3]);
  }

  std::size_t dimension_;
  Unit least_unit_;
  Unit most_unit_;
  bool in_order_;
};

}  // namespace tda::detail
