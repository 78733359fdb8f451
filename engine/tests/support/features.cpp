// SPDX-License-Identifier: Apache-2.0
#include "support/features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace tda::test {
namespace {

std::uint64_t width(const Feature& feature) {
  switch (feature.head.kind) {
    case TDA_FEATURE_TAKENS_EMBEDDING:
    case TDA_FEATURE_FARTHEST_POINTS: return feature.head.columns;
    case TDA_FEATURE_ROBUST_Z_SCORE: return 1;
    default: return 2;
  }
}

Feature feature_of(tda_feature_kind kind, std::vector<double> first, std::vector<double> second, std::uint64_t columns = 0) {
  Feature feature;
  tda_feature_init(&feature.head);
  feature.head.kind = kind;
  feature.head.columns = columns;
  feature.first = std::move(first);
  feature.second = std::move(second);
  const std::uint64_t numbers = width(feature);
  feature.head.first_rows = numbers == 0 ? 0 : feature.first.size() / numbers;
  feature.head.second_rows = feature.second.size() / std::max<std::uint64_t>(numbers, 1);
  return feature;
}

FeatureOutcome take(tda_status status, const tda_error& error, tda_feature_result* result) {
  FeatureOutcome outcome{.status = status, .error = error, .values = {}};
  EXPECT_EQ(result != nullptr, status == TDA_OK);
  if (result == nullptr) {
    EXPECT_EQ(error.status, static_cast<std::uint32_t>(status));
    EXPECT_NE(error.message[0], 0) << tda_status_name(static_cast<std::uint32_t>(status));
    return outcome;
  }
  tda_feature_view view{};
  view.struct_size = sizeof view;
  EXPECT_EQ(tda_feature_result_view(result, &view), TDA_OK);
  for (std::uint64_t i = 0; i < view.count; ++i) outcome.values.emplace_back(view.values + view.offsets[i], view.values + view.offsets[i + 1]);
  outcome.peak_bytes = view.peak_bytes;
  tda_feature_result_free(result);
  return outcome;
}

bool same_bytes(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

}  // namespace

double FeatureOutcome::number() const {
  EXPECT_EQ(status, TDA_OK) << error.message;
  if (values.size() == 1 && values[0].size() == 1) return values[0][0];
  ADD_FAILURE() << "not one number";
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> numbers_of(const Diagram& diagram) {
  std::vector<double> numbers;
  for (const Bar& bar : diagram) numbers.insert(numbers.end(), {bar.birth, bar.death});
  return numbers;
}

Feature summary_of(tda_feature_kind kind, const Diagram& diagram) { return feature_of(kind, numbers_of(diagram), {}); }

Feature distance_of(tda_feature_kind kind, const Diagram& first, const Diagram& second) {
  return feature_of(kind, numbers_of(first), numbers_of(second));
}

Feature wasserstein_of(const Diagram& first, const Diagram& second, double order, tda_diagram_norm norm) {
  Feature feature = distance_of(TDA_FEATURE_WASSERSTEIN_DISTANCE, first, second);
  feature.head.order = order;
  feature.head.norm = norm;
  return feature;
}

Feature on_grid(Feature feature, double start, double end, std::uint64_t points) {
  feature.head.grid_start = start;
  feature.head.grid_end = end;
  feature.head.grid_points = points;
  return feature;
}

Feature takens_of(std::vector<double> series, std::uint64_t columns, std::uint64_t dimension, std::uint64_t delay, std::uint64_t skip) {
  Feature feature = feature_of(TDA_FEATURE_TAKENS_EMBEDDING, std::move(series), {}, columns);
  feature.head.dimension = dimension;
  feature.head.delay = delay;
  feature.head.skip = skip;
  return feature;
}

Feature farthest_of(std::vector<double> points, std::uint64_t columns, std::uint64_t count) {
  Feature feature = feature_of(TDA_FEATURE_FARTHEST_POINTS, std::move(points), {}, columns);
  feature.head.points = count;
  return feature;
}

Feature z_score_of(std::vector<double> history, std::vector<double> values) {
  return feature_of(TDA_FEATURE_ROBUST_Z_SCORE, std::move(history), std::move(values));
}

std::vector<double> packed(const std::vector<Feature>& features) {
  std::vector<double> numbers;
  for (const Feature& feature : features) {
    const tda_feature& f = feature.head;
    const auto count = [](std::uint64_t value) { return static_cast<double>(value); };
    numbers.insert(numbers.end(), {count(f.kind), count(f.first_rows), count(f.second_rows), count(f.columns), f.essential_death, f.order,
                                   count(f.norm), count(f.metric), f.minkowski_p, count(f.dimension), count(f.delay), count(f.skip),
                                   f.grid_start, f.grid_end, count(f.grid_points), count(f.levels), f.persistence_start, f.persistence_end,
                                   count(f.persistence_points), f.bandwidth, count(f.points), 0, 0, 0});
    numbers.insert(numbers.end(), feature.first.begin(), feature.first.end());
    numbers.insert(numbers.end(), feature.second.begin(), feature.second.end());
  }
  return numbers;
}

FeatureOutcome compute(const std::vector<Feature>& features, const tda_feature_options* options, const tda_control* control) {
  tda_feature_options defaults;
  tda_feature_options_init(&defaults);
  if (options == nullptr) options = &defaults;
  std::vector<tda_feature> heads;
  for (const Feature& feature : features) {
    heads.push_back(feature.head);
    heads.back().first = feature.first.data();
    heads.back().second = feature.second.data();
  }
  const auto call = [&](auto function, const auto& data) {
    tda_error error{};
    error.struct_size = sizeof error;
    tda_feature_result* result = nullptr;
    const tda_status status = function(data.data(), data.size(), options, control, &result, &error);
    return take(status, error, result);
  };
  const FeatureOutcome outcome = call(tda_compute_features, heads);
  if (control == nullptr && options->memory_limit_bytes == 0 && outcome.status == TDA_OK) {
    const FeatureOutcome same = call(tda_compute_packed_features, packed(features));
    EXPECT_EQ(same.status, TDA_OK) << same.error.message;
    EXPECT_TRUE(std::ranges::equal(same.values, outcome.values, same_bytes));
  }
  return outcome;
}

Diagram random_diagram(std::uint32_t bars, std::uint32_t essential, bool coarse, Random& random) {
  const auto number = [&] { return coarse ? random.below(8) / 8.0 : random.uniform(); };
  Diagram diagram;
  for (std::uint32_t i = 0; i < bars; ++i) {
    const double birth = number();
    const double length = coarse ? number() + 0.125 : number();
    if (length > 0) diagram.push_back({birth, birth + length});
  }
  for (std::uint32_t i = 0; i < essential; ++i) diagram.push_back({number(), infinity});
  std::ranges::sort(diagram);
  return diagram;
}

}  // namespace tda::test
