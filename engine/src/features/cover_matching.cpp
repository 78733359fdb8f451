// SPDX-License-Identifier: Apache-2.0
#include "features/cover_matching.hpp"

#include <algorithm>
#include <utility>

namespace tda::detail {

CoverMatching::CoverMatching(std::span<const Bar> bars, std::span<const Bar> others, Execution& execution)
    : bars_(bars),
      others_(others),
      execution_(execution),
      others_tree_(others, execution),
      layers_(others, execution),
      by_length_(execution.budget()),
      partner_(execution.budget()),
      partner_of_(execution.budget()),
      good_partner_(execution.budget()),
      front_(execution.budget()),
      next_front_(execution.budget()),
      layer_(execution.budget()),
      path_bars_(execution.budget()),
      path_others_(execution.budget()) {
  others_tree_.add_all();
  by_length_.resize(bars.size());
  for (std::uint32_t i = 0; i < bars.size(); ++i) by_length_[i] = i;
  std::sort(by_length_.begin(), by_length_.end(), [&](std::uint32_t a, std::uint32_t b) {
    execution.poll(1);
    const double length_a = half_length(bars[a]);
    const double length_b = half_length(bars[b]);
    return length_a > length_b || (length_a == length_b && a < b);
  });
  good_partner_.assign(bars.size(), nobody);
  partner_.resize(bars.size());
  partner_of_.resize(others.size());
}

bool CoverMatching::covers(double limit) {
  const auto needs_none = [&](std::uint32_t bar) { return half_length(bars_[bar]) <= limit; };
  needy_ = static_cast<std::size_t>(std::partition_point(by_length_.begin(), by_length_.end(), [&](std::uint32_t b) { return !needs_none(b); }) -
                                    by_length_.begin());
  if (needy_ > others_.size()) return false;
  std::fill(partner_.begin(), partner_.end(), nobody);
  std::fill(partner_of_.begin(), partner_of_.end(), nobody);
  std::size_t matched = 0;
  for (std::size_t i = 0; i < std::min(needy_, good_needy_); ++i) {
    const std::uint32_t bar = by_length_[i];
    const std::uint32_t other = good_partner_[bar];
    if (bar_distance(bars_[bar], others_[other]) > limit) continue;
    partner_[bar] = other;
    partner_of_[other] = bar;
    ++matched;
  }
  execution_.poll(bars_.size() + others_.size());
  while (matched < needy_) {
    if (!make_layers(limit)) return false;
    for (std::size_t i = 0; i < needy_; ++i)
      if (partner_[by_length_[i]] == nobody && augment(by_length_[i], limit)) ++matched;
  }
  std::copy(partner_.begin(), partner_.end(), good_partner_.begin());
  good_needy_ = needy_;
  return true;
}

double CoverMatching::largest_cost() const {
  double largest = good_needy_ < bars_.size() ? half_length(bars_[by_length_[good_needy_]]) : 0.0;
  for (std::size_t i = 0; i < good_needy_; ++i) {
    const std::uint32_t bar = by_length_[i];
    largest = std::max(largest, bar_distance(bars_[bar], others_[good_partner_[bar]]));
  }
  return largest;
}

bool CoverMatching::make_layers(double limit) {
  others_tree_.restore();
  layers_.clear();
  front_.clear();
  for (std::size_t i = 0; i < needy_; ++i)
    if (partner_[by_length_[i]] == nobody) front_.push_back(by_length_[i]);
  bool ends = false;
  for (layer_count_ = 0; !ends && !front_.empty(); ++layer_count_) {
    layer_.clear();
    next_front_.clear();
    for (const std::uint32_t bar : front_) {
      for (std::uint32_t other; (other = others_tree_.take(0, bars_[bar], limit)) != nobody;) {
        layer_.push_back(other);
        if (partner_of_[other] == nobody) {
          ends = true;
        } else {
          next_front_.push_back(partner_of_[other]);
        }
      }
    }
    layers_.add_tree(layer_);
    std::swap(front_, next_front_);
  }
  return ends;
}

bool CoverMatching::augment(std::uint32_t bar, double limit) {
  path_bars_.assign(1, bar);
  path_others_.clear();
  while (!path_bars_.empty()) {
    const auto layer = static_cast<std::uint32_t>(path_bars_.size() - 1);
    const std::uint32_t other = layer < layer_count_ ? layers_.take(layer, bars_[path_bars_.back()], limit) : nobody;
    if (other == nobody) {
      path_bars_.pop_back();
      if (!path_others_.empty()) path_others_.pop_back();
      continue;
    }
    path_others_.push_back(other);
    if (partner_of_[other] != nobody) {
      path_bars_.push_back(partner_of_[other]);
      continue;
    }
    for (std::size_t i = 0; i < path_bars_.size(); ++i) {
      partner_[path_bars_[i]] = path_others_[i];
      partner_of_[path_others_[i]] = path_bars_[i];
    }
    execution_.poll(path_bars_.size());
    return true;
  }
  return false;
}

}  // namespace tda::detail
