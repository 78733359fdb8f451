// SPDX-License-Identifier: Apache-2.0
#include "features/bottleneck.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "features/cover_matching.hpp"

namespace tda::detail {
namespace {

class BottleneckSearch {
 public:
  BottleneckSearch(const DiagramPoints& first, const DiagramPoints& second, Execution& execution)
      : execution_(execution),
        forth_(first.finite, second.finite, execution),
        back_(second.finite, first.finite, execution),
        candidates_(execution.budget()) {}

  /// The least limit at or above `least` at which the bars can be matched.
  double run(double least) {
    high_ = longest(forth_.bars(), longest(back_.bars(), 0));
    if (high_ <= least || is_enough(least)) return least;
    low_ = least;
    const std::size_t few = 256 + 2 * (forth_.bars().size() + back_.bars().size());
    for (unsigned round = 0; !list_candidates(few); ++round) {
      const double middle = between(round);
      if (is_enough(middle)) {
        high_ = std::min(middle, std::max(forth_.largest_cost(), back_.largest_cost()));
      } else {
        low_ = middle;
      }
    }
    return least_candidate();
  }

 private:
  double longest(std::span<const Bar> bars, double largest) const {
    for (const Bar& bar : bars) largest = std::max(largest, half_length(bar));
    execution_.poll(bars.size());
    return largest;
  }

  bool is_enough(double limit) { return forth_.covers(limit) && back_.covers(limit); }

  // Strictly between the ends unless they are neighbours. Halving exponents first would not help where the interval begins at 0.
  double between(unsigned round) const noexcept {
    constexpr unsigned usual_rounds = 64;
    if (round < usual_rounds) return low_ + (high_ - low_) / 2;
    const auto low = std::bit_cast<std::uint64_t>(low_);
    return std::bit_cast<double>(low + (std::bit_cast<std::uint64_t>(high_) - low) / 2);
  }

  // All costs strictly between the ends that can decide; false: more than `most`. A pair of bars decides nothing where the cost is not below
  // the half length of the longer one: at such a limit neither needs a partner.
  bool list_candidates(std::size_t most) {
    candidates_.clear();
    const auto list = [&](CoverMatching& side, std::span<const Bar> others) {
      for (const Bar& bar : side.bars()) {
        execution_.poll(1);
        const double half = half_length(bar);
        if (half <= low_) continue;
        if (half < high_) candidates_.push_back(half);
        const bool few = side.others().each_between(0, bar, low_, std::min(high_, half), [&](std::uint32_t other) {
          candidates_.push_back(bar_distance(bar, others[other]));
          return candidates_.size() <= most;
        });
        if (!few || candidates_.size() > most) return false;
      }
      return true;
    };
    if (!list(forth_, back_.bars()) || !list(back_, forth_.bars())) return false;
    std::sort(candidates_.begin(), candidates_.end(), [&](double a, double b) {
      execution_.poll(1);
      return a < b;
    });
    return true;
  }

  double least_candidate() {
    auto first = candidates_.begin();
    auto last = std::unique(candidates_.begin(), candidates_.end());
    double best = high_;
    while (first != last) {
      const auto middle = first + (last - first) / 2;
      if (is_enough(*middle)) {
        best = *middle;
        last = middle;
      } else {
        first = middle + 1;
      }
    }
    return best;
  }

  Execution& execution_;
  CoverMatching forth_;
  CoverMatching back_;
  RawVector<double> candidates_;
  double low_ = 0;   // not enough
  double high_ = 0;  // enough
};

}  // namespace

Expected<double> bottleneck_distance(const DiagramPoints& first, const DiagramPoints& second, Execution& execution) {
  if (first.essential.size() != second.essential.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < first.essential.size(); ++i) largest = std::max(largest, std::fabs(first.essential[i] - second.essential[i]));
  execution.poll(first.essential.size());
  if (std::isinf(largest)) return fail_overflow();
  return BottleneckSearch(first, second, execution).run(largest);
}

}  // namespace tda::detail
