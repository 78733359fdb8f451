// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "features/features.hpp"

namespace tda::detail {
namespace {

constexpr std::size_t head_numbers = TDA_PACKED_FEATURE_NUMBERS;
constexpr std::size_t used_numbers = 21;
/// A count is exact as a double below this.
constexpr double first_inexact = 0x1p53;

Expected<Vector<tda_feature>> misfit(std::size_t place) {
  return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "Packed features do not have the form of such.", .row = place});
}

/// Reads the numbers of one feature in order, and remembers the first that is not what it has to be.
class Head {
 public:
  explicit Head(std::span<const double> numbers) noexcept : numbers_(numbers) {}

  double number() noexcept { return numbers_[next_++]; }
  std::uint64_t count(double limit = first_inexact) noexcept {
    const double value = number();
    if (value >= 0 && value < limit && value == std::floor(value)) return static_cast<std::uint64_t>(value);
    if (misfit_ == head_numbers) misfit_ = next_ - 1;
    return 0;
  }
  std::uint32_t enumeration() noexcept { return static_cast<std::uint32_t>(count(0x1p32)); }
  /// head_numbers: there is none.
  std::size_t misfit() const noexcept { return misfit_; }

 private:
  std::span<const double> numbers_;
  std::size_t next_ = 0;
  std::size_t misfit_ = head_numbers;
};

tda_feature read_head(Head& head) noexcept {
  tda_feature feature;
  tda_feature_init(&feature);
  feature.kind = head.enumeration();
  feature.first_rows = head.count();
  feature.second_rows = head.count();
  feature.columns = head.count();
  feature.essential_death = head.number();
  feature.order = head.number();
  feature.norm = head.enumeration();
  feature.metric = head.enumeration();
  feature.minkowski_p = head.number();
  feature.dimension = head.count();
  feature.delay = head.count();
  feature.skip = head.count();
  feature.grid_start = head.number();
  feature.grid_end = head.number();
  feature.grid_points = head.count();
  feature.levels = head.count();
  feature.persistence_start = head.number();
  feature.persistence_end = head.number();
  feature.persistence_points = head.count();
  feature.bandwidth = head.number();
  feature.points = head.count();
  return feature;
}

/// The array of rows x width numbers at `place`, which is moved behind it; false: it is not there.
bool take_array(std::span<const double> numbers, std::uint64_t rows, std::uint64_t width, std::size_t& place, const double*& array) {
  std::uint64_t count = 0;
  if (__builtin_mul_overflow(rows, width, &count) || count > numbers.size() - place) return false;
  array = numbers.data() + place;
  place += static_cast<std::size_t>(count);
  return true;
}

}  // namespace

Expected<Vector<tda_feature>> unpack_features(std::span<const double> numbers, Execution& execution) {
  Vector<tda_feature> features(execution.budget());
  for (std::size_t place = 0; place < numbers.size();) {
    const std::size_t start = place;
    if (numbers.size() - place < head_numbers) return misfit(start);
    Head head(numbers.subspan(place, head_numbers));
    tda_feature feature = read_head(head);
    if (head.misfit() != head_numbers) return misfit(start + head.misfit());
    for (std::size_t k = used_numbers; k < head_numbers; ++k)
      if (numbers[start + k] != 0) return misfit(start + k);
    place += head_numbers;
    const RowWidths widths = row_widths(feature.kind, feature.columns);
    if (!take_array(numbers, feature.first_rows, widths.first, place, feature.first)) return misfit(start + 1);
    if (!take_array(numbers, feature.second_rows, widths.second, place, feature.second)) return misfit(start + 2);
    features.push_back(feature);
    execution.poll(head_numbers);
  }
  return features;
}

}  // namespace tda::detail
