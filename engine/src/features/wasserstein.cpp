// SPDX-License-Identifier: Apache-2.0
#include "features/wasserstein.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "features/partial_assignment.hpp"
#include "tda/features.h"

namespace tda::detail {
namespace {

/// x · 2^exponent without leaving the range of doubles on the way, and exactly where the result is normal.
class PowerOfTwo {
 public:
  explicit PowerOfTwo(int exponent) noexcept : half_(std::ldexp(1.0, exponent / 2)), rest_(std::ldexp(1.0, exponent - exponent / 2)) {}
  double times(double x) const noexcept { return x * half_ * rest_; }

 private:
  double half_, rest_;
};

/// Costs in the plane, raised to the order: of lengths that a power of two has brought below 1.
class CostRule {
 public:
  CostRule(double order, std::uint32_t norm, int exponent, const KernelTable& kernels) noexcept
      : order_(order), norm_(norm), scale_(-exponent), kernels_(kernels) {}

  /// Of leaving a bar alone.
  double alone(const Bar& bar) const noexcept {
    double cost = 0;
    if (norm_ == TDA_NORM_INFINITY) {
      cost = scale_.times(half_length(bar));
    } else {
      cost = scale_.times(bar.death - bar.birth);
      if (norm_ == TDA_NORM_2) {
        if (order_ == 2) return cost * cost * 0.5;
        cost = std::sqrt(cost * cost * 0.5);
      }
    }
    return raised(cost);
  }

  /// Of two numbers on a line.
  double apart(double a, double b) const noexcept { return raised(scale_.times(std::fabs(a - b))); }

  /// costs[j] = of matching `bar` with others[j], capped at a number above any that can be worth it.
  void row(const Bar& bar, std::span<const Bar> others, double* costs) const noexcept {
    for (std::size_t j = 0; j < others.size(); ++j) costs[j] = distance(bar, others[j]);
    if (order_ == 1) return;
    if (order_ == 2) {
      if (norm_ == TDA_NORM_2) return;  // the square was never rooted
      for (std::size_t j = 0; j < others.size(); ++j) costs[j] *= costs[j];
      return;
    }
    kernels_.distance.power(costs, order_, costs, others.size());
  }

 private:
  // Prices are below 1, so two of them are below 2: a distance of 2 and more is never worth it at any order.
  static constexpr double cap = 2;

  double distance(const Bar& a, const Bar& b) const noexcept {
    const double births = scale_.times(std::fabs(a.birth - b.birth));
    const double deaths = scale_.times(std::fabs(a.death - b.death));
    double value = std::max(births, deaths);
    if (!(value < cap)) return cap;
    if (norm_ == TDA_NORM_1) value = births + deaths;
    if (norm_ == TDA_NORM_2) {
      value = births * births + deaths * deaths;
      if (order_ != 2) value = std::sqrt(value);
    }
    return std::min(value, cap);
  }

  double raised(double cost) const noexcept {
    if (order_ == 1) return cost;
    if (order_ == 2) return cost * cost;
    double power = 0;
    kernels_.distance.power(&cost, order_, &power, 1);
    return power;
  }

  double order_;
  std::uint32_t norm_;
  PowerOfTwo scale_;
  const KernelTable& kernels_;
};

/// Doubles in [0, 2] as integers, such that as many as there are bars can be added.
class FixedPoint {
 public:
  explicit FixedPoint(std::size_t bars) noexcept : bits_(121 - static_cast<int>(std::bit_width(bars))), scale_(std::ldexp(1.0, bits_)) {}
  Fixed from(double x) const noexcept { return static_cast<Fixed>(x * scale_); }
  double back(Fixed x) const noexcept { return std::ldexp(static_cast<double>(x), -bits_); }

 private:
  int bits_;
  double scale_;
};

Expected<int> exponent_of_largest(const DiagramPoints& first, const DiagramPoints& second, Execution& execution) {
  double largest = 0;
  for (const DiagramPoints* points : {&first, &second}) {
    for (const Bar& bar : points->finite) largest = std::max(largest, bar.death - bar.birth);
    execution.poll(points->finite.size());
  }
  for (std::size_t i = 0; i < first.essential.size(); ++i) largest = std::max(largest, std::fabs(first.essential[i] - second.essential[i]));
  if (std::isinf(largest)) return fail_overflow();
  int exponent = 0;
  static_cast<void>(std::frexp(largest, &exponent));  // largest < 2^exponent
  return exponent;
}

bool are_on_a_line(const RawVector<Bar>& rows, const RawVector<Bar>& columns, Execution& execution) {
  for (const RawVector<Bar>* bars : {&rows, &columns}) {
    for (const Bar& bar : *bars)
      if (bar.birth != columns.front().birth) return false;
    execution.poll(bars->size());
  }
  return true;
}

RawVector<Bar> sorted_by_death(const RawVector<Bar>& bars, Execution& execution) {
  RawVector<Bar> sorted(bars);
  std::sort(sorted.begin(), sorted.end(), [&](const Bar& a, const Bar& b) {
    execution.poll(1);
    return a.death < b.death;
  });
  return sorted;
}

/// The optimum for bars that are all born at once, as in dimension 0 without births: on a line some best matching does not cross itself, the costs being convex. So
/// it is found as an alignment of two sequences, one bar after the other. O(rows · columns).
Fixed align(const RawVector<Bar>& rows, const RawVector<Bar>& columns, const CostRule& rule, const FixedPoint& fixed, Execution& execution) {
  const RawVector<Bar> from = sorted_by_death(rows, execution);
  const RawVector<Bar> to = sorted_by_death(columns, execution);
  RawVector<Fixed> price(execution.budget());
  // best[j]: of the rows so far and the first j columns.
  RawVector<Fixed> best(execution.budget());
  best.push_back(0);
  for (const Bar& bar : to) {
    price.push_back(fixed.from(rule.alone(bar)));
    best.push_back(best.back() + price.back());
    execution.poll(16);
  }
  RawVector<double> costs(execution.budget());
  costs.resize(to.size());
  execution.expect_columns(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Fixed alone = fixed.from(rule.alone(from[i]));
    rule.row(from[i], to, costs.data());
    Fixed diagonal = best[0];
    best[0] += alone;
    for (std::size_t j = 0; j < to.size(); ++j) {
      // 2 is more than leaving any two bars alone.
      const Fixed matched = diagonal + fixed.from(std::min(costs[j], 2.0));
      diagonal = best[j + 1];
      best[j + 1] = std::min(matched, std::min(diagonal + alone, best[j] + price[j]));
    }
    execution.set_columns_done(i + 1);
    execution.poll(12 * to.size());
  }
  return best.back();
}

Fixed assign(const RawVector<Bar>& rows, const RawVector<Bar>& columns, const CostRule& rule, const FixedPoint& fixed, Execution& execution) {
  RawVector<double> alone(execution.budget());
  RawVector<Fixed> prices(execution.budget());
  for (const Bar& bar : columns) {
    alone.push_back(rule.alone(bar));
    prices.push_back(fixed.from(alone.back()));
    execution.poll(16);
  }
  PartialAssignment assignment(std::move(prices), execution);
  RawVector<double> costs(execution.budget());
  costs.resize(columns.size());
  RawVector<PartialAssignment::Edge> edges(execution.budget());
  execution.expect_columns(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double price = rule.alone(rows[i]);
    rule.row(rows[i], columns, costs.data());
    edges.clear();
    for (std::uint32_t j = 0; j < columns.size(); ++j)
      if (costs[j] < price + alone[j]) edges.push_back({fixed.from(costs[j]), j});
    assignment.add_row(fixed.from(price), edges);
    execution.set_columns_done(i + 1);
    execution.poll(4 * columns.size());
  }
  return assignment.total();
}

}  // namespace

Expected<double> wasserstein_distance(const DiagramPoints& first, const DiagramPoints& second, double order, std::uint32_t norm,
                                      const KernelTable& kernels, Execution& execution) {
  if (!(order >= 1 && order <= most_order))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The order of a Wasserstein distance is from 1 to 64."});
  if (norm > TDA_NORM_1) return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The norm is not a known one."});
  if (first.essential.size() != second.essential.size()) return std::numeric_limits<double>::infinity();
  const Expected<int> exponent = exponent_of_largest(first, second, execution);
  if (!exponent) return std::unexpected(exponent.error());

  const bool first_is_smaller = first.finite.size() <= second.finite.size();
  const RawVector<Bar>& rows = first_is_smaller ? first.finite : second.finite;
  const RawVector<Bar>& columns = first_is_smaller ? second.finite : first.finite;
  const CostRule rule(order, norm, *exponent, kernels);
  const FixedPoint fixed(rows.size() + columns.size() + first.essential.size());

  Fixed total = are_on_a_line(rows, columns, execution) ? align(rows, columns, rule, fixed, execution)
                                                          : assign(rows, columns, rule, fixed, execution);
  for (std::size_t i = 0; i < first.essential.size(); ++i) {
    total += fixed.from(rule.apart(first.essential[i], second.essential[i]));
    execution.poll(8);
  }
  double root = fixed.back(total);
  if (order == 2) {
    root = std::sqrt(root);
  } else if (order != 1) {
    kernels.distance.power(&root, 1 / order, &root, 1);
  }
  const double distance = PowerOfTwo(*exponent).times(root);
  if (std::isinf(distance)) return fail_overflow();
  return distance;
}

}  // namespace tda::detail
