// SPDX-License-Identifier: Apache-2.0
//
// The C ABI of features: what is refused and where, budgets, cancellation, defaults, packed numbers, every instruction set.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "support/features.hpp"
#include "support/rips_call.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double huge = std::numeric_limits<double>::max();

Feature changed(Feature feature, const std::function<void(tda_feature&)>& change) {
  change(feature.head);
  return feature;
}

struct Refusal {
  const char* name;
  Feature feature;
  tda_status status;
  std::uint64_t row = TDA_NO_INDEX;
  std::uint64_t column = TDA_NO_INDEX;
};

std::vector<Refusal> refusals() {
  const Diagram diagram{{0, 1}, {0, 2}};
  const Feature bottleneck = distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, diagram, diagram);
  const Feature wasserstein = wasserstein_of(diagram, diagram, 1, TDA_NORM_INFINITY);
  const Feature total = summary_of(TDA_FEATURE_TOTAL_PERSISTENCE, diagram);
  const Feature entropy = summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, diagram);
  const Feature curve = on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, diagram), 0, 1, 4);
  const Feature landscape = on_grid(summary_of(TDA_FEATURE_PERSISTENCE_LANDSCAPE, diagram), 0, 1, 4);
  const Feature image = on_grid(summary_of(TDA_FEATURE_PERSISTENCE_IMAGE, diagram), 0, 1, 4);
  const Feature takens = takens_of({1, 2, 3, 4}, 2, 1, 1, 1);
  const Feature farthest = farthest_of({1, 2, 3, 4}, 2, 1);
  return {
      {"unknown kind", changed(bottleneck, [](auto& f) { f.kind = 10; }), TDA_ERROR_INVALID_OPTION},
      {"NaN birth", distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, {{0, 1}, {nan, 1}}, diagram), TDA_ERROR_NOT_A_NUMBER, 1, 0},
      {"NaN death", distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, diagram, {{0, nan}}), TDA_ERROR_NOT_A_NUMBER, 2, 1},
      {"infinite birth", summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, {{-infinity, 1}}), TDA_ERROR_NOT_A_NUMBER, 0, 0},
      {"death before birth", summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, {{0, 1}, {2, 1}}), TDA_ERROR_DEATH_BEFORE_BIRTH, 1},
      {"infinite essential death", changed(entropy, [](auto& f) { f.essential_death = infinity; }), TDA_ERROR_INVALID_OPTION},
      {"order below 1", changed(wasserstein, [](auto& f) { f.order = 0.5; }), TDA_ERROR_INVALID_OPTION},
      {"NaN order", changed(wasserstein, [](auto& f) { f.order = nan; }), TDA_ERROR_INVALID_OPTION},
      {"order above 64", changed(total, [](auto& f) { f.order = 65; }), TDA_ERROR_INVALID_OPTION},
      {"unknown norm", changed(wasserstein, [](auto& f) { f.norm = 3; }), TDA_ERROR_INVALID_OPTION},
      {"essential births too far apart", distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, {{-huge, infinity}}, {{huge, infinity}}), TDA_ERROR_DISTANCE_OVERFLOW},
      {"a length too large", wasserstein_of({{-huge, huge}}, {}, 1, TDA_NORM_INFINITY), TDA_ERROR_DISTANCE_OVERFLOW},
      {"a sum too large", summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, {{0, huge}, {0, huge}}), TDA_ERROR_DISTANCE_OVERFLOW},
      {"a power too large", changed(summary_of(TDA_FEATURE_TOTAL_PERSISTENCE, {{0, 1e100}}), [](auto& f) { f.order = 5; }), TDA_ERROR_DISTANCE_OVERFLOW},
      {"no grid", changed(curve, [](auto& f) { f.grid_points = 0; }), TDA_ERROR_INVALID_OPTION},
      {"a grid that goes back", changed(curve, [](auto& f) { f.grid_end = -1; }), TDA_ERROR_INVALID_OPTION},
      {"a grid without end", changed(landscape, [](auto& f) { f.grid_end = infinity; }), TDA_ERROR_INVALID_OPTION},
      {"no level", changed(landscape, [](auto& f) { f.levels = 0; }), TDA_ERROR_INVALID_OPTION},
      {"no bandwidth", changed(image, [](auto& f) { f.bandwidth = 0; }), TDA_ERROR_INVALID_OPTION},
      {"a peak too high", changed(image, [](auto& f) { f.bandwidth = 1e-300, f.persistence_start = f.persistence_end = 1; }), TDA_ERROR_DISTANCE_OVERFLOW},
      {"no second grid", changed(image, [](auto& f) { f.persistence_points = 0; }), TDA_ERROR_INVALID_OPTION},
      {"no dimension", changed(takens, [](auto& f) { f.dimension = 0; }), TDA_ERROR_INVALID_OPTION},
      {"no delay", changed(takens, [](auto& f) { f.delay = 0; }), TDA_ERROR_INVALID_OPTION},
      {"no skip", changed(takens, [](auto& f) { f.skip = 0; }), TDA_ERROR_INVALID_OPTION},
      {"no column", changed(takens, [](auto& f) { f.columns = 0; }), TDA_ERROR_INVALID_OPTION},
      {"an infinite number", takens_of({1, 2, 3, infinity}, 2, 1, 1, 1), TDA_ERROR_NOT_A_NUMBER, 1, 1},
      {"no sample", changed(farthest, [](auto& f) { f.points = 0; }), TDA_ERROR_INVALID_OPTION},
      {"an infinite coordinate", farthest_of({1, 2, nan, 4}, 2, 1), TDA_ERROR_NOT_A_NUMBER, 1, 0},
      {"unknown metric", changed(farthest, [](auto& f) { f.metric = 5; }), TDA_ERROR_INVALID_METRIC},
      {"a distance too large", farthest_of({-huge, huge}, 1, 1), TDA_ERROR_DISTANCE_OVERFLOW, 1, 0},
      {"an infinite history", z_score_of({1, infinity}, {1}), TDA_ERROR_NOT_A_NUMBER, 1, 0},
      {"NaN score", z_score_of({1, 2, 4}, {1, nan}), TDA_ERROR_NOT_A_NUMBER, 4, 0},
      {"too many rows", changed(entropy, [](auto& f) { f.first_rows = UINT64_MAX; }), TDA_ERROR_INDEX_OVERFLOW},
      {"too many columns", changed(takens, [](auto& f) { f.columns = UINT64_MAX / 2; }), TDA_ERROR_INDEX_OVERFLOW},
      {"more than can be addressed", changed(curve, [](auto& f) { f.grid_points = UINT64_MAX; }), TDA_ERROR_MEMORY_LIMIT},
      {"more levels than can be addressed", changed(landscape, [](auto& f) { f.levels = UINT64_MAX / 2; }), TDA_ERROR_MEMORY_LIMIT},
  };
}

TEST(FeatureContract, WhatIsRefused) {
  const Feature fine = summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, {{0, 1}});
  for (const Refusal& refusal : refusals()) {
    const FeatureOutcome outcome = compute({fine, refusal.feature, fine});
    EXPECT_EQ(outcome.status, refusal.status) << refusal.name << ": " << outcome.error.message;
    EXPECT_EQ(outcome.error.dimension, 1u) << refusal.name;
    EXPECT_EQ(outcome.error.row, refusal.row) << refusal.name;
    EXPECT_EQ(outcome.error.column, refusal.column) << refusal.name;
  }
}

TEST(FeatureContract, NullArgumentsAndUnknownSizes) {
  tda_feature feature;
  tda_feature_options options;
  tda_feature_result* result = nullptr;
  tda_feature_init(&feature);
  tda_feature_options_init(&options);
  EXPECT_EQ(tda_compute_features(&feature, 1, &options, nullptr, nullptr, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_compute_features(nullptr, 1, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_compute_features(&feature, 1, nullptr, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_compute_packed_features(nullptr, 24, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  feature.first_rows = 1;
  EXPECT_EQ(tda_compute_features(&feature, 1, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  feature.first_rows = 0;
  feature.struct_size = 4;
  EXPECT_EQ(tda_compute_features(&feature, 1, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  options.simd_target = 77;
  EXPECT_EQ(tda_compute_features(nullptr, 0, &options, nullptr, &result, nullptr), TDA_ERROR_INVALID_OPTION);
  options.simd_target = TDA_SIMD_AUTO;
  options.struct_size = 4;
  EXPECT_EQ(tda_compute_features(nullptr, 0, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(result, nullptr);
  tda_feature_view view{};
  EXPECT_EQ(tda_feature_result_view(nullptr, &view), TDA_ERROR_NULL_ARGUMENT);
  tda_feature_result_free(nullptr);
}

TEST(FeatureContract, NoFeatureGivesNoValue) {
  const FeatureOutcome outcome = compute(std::vector<Feature>{});
  EXPECT_EQ(outcome.status, TDA_OK);
  EXPECT_TRUE(outcome.values.empty());
}

TEST(FeatureContract, PackedNumbersOfAnotherForm) {
  const std::vector<double> fine = packed({z_score_of({1, 2, 3}, {5})});
  const auto refused_at = [](const std::vector<double>& numbers) {
    tda_feature_options options;
    tda_feature_options_init(&options);
    tda_error error{};
    error.struct_size = sizeof error;
    tda_feature_result* result = nullptr;
    EXPECT_EQ(tda_compute_packed_features(numbers.data(), numbers.size(), &options, nullptr, &result, &error), TDA_ERROR_INVALID_OPTION);
    EXPECT_EQ(result, nullptr);
    return error.row;
  };
  const auto with = [&](std::size_t place, double value) {
    std::vector<double> numbers = fine;
    numbers[place] = value;
    return numbers;
  };
  EXPECT_EQ(refused_at(std::vector<double>(fine.begin(), fine.begin() + 23)), 0u);
  EXPECT_EQ(refused_at(std::vector<double>(fine.begin(), fine.end() - 1)), 2u);
  EXPECT_EQ(refused_at(with(1, 5)), 1u);
  EXPECT_EQ(refused_at(with(0, 0.5)), 0u);
  EXPECT_EQ(refused_at(with(0, nan)), 0u);
  EXPECT_EQ(refused_at(with(0, 99)), 24u);  // an unknown kind has no arrays
  EXPECT_EQ(refused_at(with(10, -1)), 10u);
  EXPECT_EQ(refused_at(with(14, 0x1p53)), 14u);
  EXPECT_EQ(refused_at(with(6, 0x1p32)), 6u);
  EXPECT_EQ(refused_at(with(22, 1)), 22u);
}

std::vector<Feature> one_of_each(Random& random, std::uint32_t size) {
  const Diagram a = random_diagram(size, 2, false, random);
  const Diagram b = random_diagram(size, 2, false, random);
  std::vector<double> numbers(3 * size);
  for (double& x : numbers) x = random.uniform();
  Feature image = on_grid(summary_of(TDA_FEATURE_PERSISTENCE_IMAGE, a), 0, 1, 20);
  image.head.order = 1.25;
  image.head.persistence_end = 1;
  image.head.persistence_points = 20;
  Feature total = summary_of(TDA_FEATURE_TOTAL_PERSISTENCE, a);
  total.head.order = 2.5;
  Feature landscape = on_grid(summary_of(TDA_FEATURE_PERSISTENCE_LANDSCAPE, a), 0, 2, 50);
  landscape.head.levels = 5;
  Feature minkowski = farthest_of(numbers, 3, size / 4 + 1);
  minkowski.head.metric = TDA_MINKOWSKI;
  minkowski.head.minkowski_p = 3.5;
  return {distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, a, b),
          wasserstein_of(a, b, 1, TDA_NORM_INFINITY),
          wasserstein_of(a, b, 2, TDA_NORM_2),
          wasserstein_of(a, b, 2.75, TDA_NORM_1),
          total,
          summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, a),
          on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, a), 0, 2, 50),
          landscape,
          image,
          takens_of(numbers, 3, 4, 2, 3),
          farthest_of(numbers, 3, size / 4 + 1),
          minkowski,
          z_score_of(numbers, {0.5, 2})};
}

TEST(FeatureContract, TheSameBytesOnEveryInstructionSet) {
  Random random(1);
  for (const std::uint32_t size : {1u, 7u, 150u}) {
    const std::vector<Feature> features = one_of_each(random, size);
    const FeatureOutcome expected = compute(features);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    for (const std::uint32_t target : available_simd_targets()) {
      tda_feature_options options;
      tda_feature_options_init(&options);
      options.simd_target = target;
      EXPECT_EQ(compute(features, &options).values, expected.values) << tda_simd_target_name(target);
    }
  }
}

// A checksum of the bits, found on one machine: every other one, compiler and binding must find it too.
TEST(FeatureContract, TheBytesOfEveryMachine) {
  Random random(2);
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const std::vector<double>& values : compute(one_of_each(random, 60)).values) {
    for (const double value : values) hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3u;
  }
  EXPECT_EQ(hash, 91649284595986843u);
}

TEST(FeatureContract, ABudgetIsKeptOrRefused) {
  Random random(3);
  const std::vector<Feature> features = one_of_each(random, 300);
  tda_feature_options options;
  tda_feature_options_init(&options);
  const FeatureOutcome expected = compute(features, &options);
  ASSERT_EQ(expected.status, TDA_OK);
  options.memory_limit_bytes = expected.peak_bytes;
  EXPECT_EQ(compute(features, &options).values, expected.values);
  for (std::uint64_t limit = 1; limit < expected.peak_bytes; limit = limit * 5 / 4 + 1) {
    options.memory_limit_bytes = limit;
    const FeatureOutcome outcome = compute(features, &options);
    ASSERT_EQ(outcome.status, TDA_ERROR_MEMORY_LIMIT) << limit;
    EXPECT_GT(outcome.error.bytes, limit);
    EXPECT_LT(outcome.error.dimension, features.size());
  }
}

TEST(FeatureContract, IsCancelledBeforeItBeginsAndFromAListener) {
  Random random(4);
  const std::vector<Feature> features{wasserstein_of(random_diagram(500, 0, false, random), random_diagram(500, 0, false, random), 2, TDA_NORM_2)};
  std::int32_t flag = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &flag;
  EXPECT_EQ(compute(features, nullptr, &control).status, TDA_ERROR_CANCELLED);
  flag = 0;
  EXPECT_EQ(compute(features, nullptr, &control).status, TDA_OK);

  struct Watch {
    double fraction = 0;
    int reports = 0;
  } watch;
  control.user = &watch;
  control.on_progress = [](void* user, const tda_progress* progress) {
    auto& seen = *static_cast<Watch*>(user);
    EXPECT_GE(progress->fraction, seen.fraction);
    EXPECT_LE(progress->columns_done, progress->columns_total);
    seen.fraction = progress->fraction;
    return ++seen.reports == 2 ? 1 : 0;
  };
  const FeatureOutcome outcome = compute(features, nullptr, &control);
  EXPECT_EQ(outcome.status, watch.reports < 2 ? TDA_OK : TDA_ERROR_CANCELLED);
  EXPECT_GE(watch.reports, 1);
}

TEST(FeatureContract, DefaultsAreTheDocumentedOnes) {
  tda_feature feature;
  tda_feature_init(&feature);
  EXPECT_EQ(feature.struct_size, sizeof feature);
  EXPECT_TRUE(std::isnan(feature.essential_death));
  EXPECT_EQ(feature.order, 1);
  EXPECT_EQ(feature.norm, static_cast<std::uint32_t>(TDA_NORM_INFINITY));
  EXPECT_EQ(feature.points, 1u);
  EXPECT_EQ(feature.bandwidth, 1);
  tda_feature_options options;
  tda_feature_options_init(&options);
  EXPECT_EQ(options.struct_size, sizeof options);
  EXPECT_EQ(options.memory_limit_bytes, 0u);
}

}  // namespace
}  // namespace tda::test
