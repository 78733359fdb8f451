// SPDX-License-Identifier: Apache-2.0
//
// What approximations share with every call: typed errors, the same bytes everywhere, cancellation.
#include <gtest/gtest.h>

#include <cmath>

#include "support/approximation.hpp"
#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"

namespace tda::test {
namespace {

TEST(Approximation, WrongParametersAreTypedErrors) {
  const Input input = points_input({{0.0}, {1.0}, {3.0}});
  for (const double epsilon : {0.0, -0.5, 1.0, 1.5, std::nan(""), infinity})
    EXPECT_EQ(compute(input, sparse_rips(rips_options(1), epsilon)).status, TDA_ERROR_INVALID_OPTION) << epsilon;
  for (const double epsilon : {1e-300, std::nextafter(1.0, 0.0)})
    EXPECT_EQ(compute(input, sparse_rips(rips_options(1), epsilon)).status, TDA_OK) << epsilon;
  EXPECT_EQ(compute(input, subsample(rips_options(1), 0)).status, TDA_ERROR_INVALID_OPTION);
  tda_rips_options unknown = rips_options(1);
  unknown.approximation = 3;
  EXPECT_EQ(compute(input, unknown).status, TDA_ERROR_INVALID_OPTION);
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  const BorrowedInput borrowed(input);
  EXPECT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &unknown, nullptr, &estimate, nullptr), TDA_ERROR_INVALID_OPTION);
}

TEST(Approximation, TheEstimateIsThatOfTheApproximateRun) {
  Random random(304);
  const Input points = uniform_points_input(20'000, 2, random);
  DistanceMatrix matrix(300);
  for (std::uint32_t i = 0; i < 300; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, std::abs(points.values[2 * i] - points.values[2 * j]));
  const Input given = full_input(matrix);
  const struct {
    const Input* input;
    tda_rips_options options;
  } calls[] = {{&points, subsample(rips_options(1), 500)},
               {&points, subsample(rips_options(1), 2'000)},
               {&points, sparse_rips(rips_options(1), 0.9)},
               {&given, subsample(rips_options(1), 100)},
               {&given, sparse_rips(rips_options(1), 0.8)}};
  for (const auto& call : calls) {
    const Outcome run = compute(*call.input, call.options);
    ASSERT_EQ(run.status, TDA_OK) << run.error.message;
    tda_rips_estimate estimate{};
    estimate.struct_size = sizeof estimate;
    const BorrowedInput borrowed(*call.input);
    ASSERT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &call.options, nullptr, &estimate, nullptr), TDA_OK);
    const auto edges = static_cast<double>(run.statistics.edges);
    const auto bytes = static_cast<double>(run.statistics.peak_bytes);
    EXPECT_GT(estimate.edges, edges / 2);
    EXPECT_LT(estimate.edges, 2 * edges);
    EXPECT_GT(estimate.bytes, bytes / 2);
    EXPECT_LT(estimate.bytes, 2 * bytes);
    EXPECT_EQ(estimate.points, run.statistics.points);
  }
}

TEST(Approximation, WhatHasNoBoundIsNotSupported) {
  Random random(301);
  DistanceMatrix matrix(4);
  for (std::uint32_t i = 0; i < 4; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, 2);
  const Input sparse = sparse_input(matrix, TDA_FLOAT64, random);
  EXPECT_EQ(compute(sparse, sparse_rips(rips_options(1), 0.5)).status, TDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(compute(sparse, subsample(rips_options(1), 2)).status, TDA_ERROR_NOT_SUPPORTED);
  matrix.set(1, 1, 1);
  EXPECT_EQ(compute(full_input(matrix), sparse_rips(rips_options(1), 0.5)).status, TDA_ERROR_NOT_SUPPORTED);
  const Input cosine = points_input({{1, 0}, {0, 1}, {1, 1}}, TDA_COSINE);
  EXPECT_EQ(compute(cosine, sparse_rips(rips_options(1), 0.5)).status, TDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(compute(cosine, subsample(rips_options(1), 2)).status, TDA_OK);
}

TEST(Approximation, CircularCoordinatesAreExactOnly) {
  const Input input = points_input({{1, 0}, {0, 1}, {-1, 0}, {0, -1}});
  const BorrowedInput borrowed(input);
  tda_circular_options circular{};
  tda_circular_options_init(&circular);
  for (const tda_rips_options& options : {subsample(rips_options(1, infinity, 47), 3), sparse_rips(rips_options(1, infinity, 47), 0.5)}) {
    tda_circular_result* result = nullptr;
    EXPECT_EQ(tda_circular_coordinates(borrowed.get(), &options, &circular, nullptr, &result, nullptr), TDA_ERROR_NOT_SUPPORTED);
    EXPECT_EQ(result, nullptr);
  }
}

TEST(Approximation, TheWholeInputIsValidated) {
  Input points = points_input({{0.0}, {1.0}, {2.0}, {std::nan("")}});
  EXPECT_EQ(compute(points, subsample(rips_options(1), 1)).status, TDA_ERROR_NOT_A_NUMBER);
  EXPECT_EQ(compute(points, sparse_rips(rips_options(1), 0.5)).status, TDA_ERROR_NOT_A_NUMBER);
  DistanceMatrix matrix(3);
  for (std::uint32_t i = 0; i < 3; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, 1);
  Input asymmetric = full_input(matrix);
  asymmetric.values[1] = 2;
  EXPECT_EQ(compute(asymmetric, subsample(rips_options(1), 1)).status, TDA_ERROR_ASYMMETRIC_DISTANCE);
  const Input wide = points_input({{0.0}, {1.5e308}, {-1.5e308}});
  EXPECT_EQ(compute(wide, subsample(rips_options(1), 1)).status, TDA_ERROR_DISTANCE_OVERFLOW);
  EXPECT_EQ(compute(wide, sparse_rips(rips_options(1), 0.5)).status, TDA_ERROR_DISTANCE_OVERFLOW);
}

TEST(Approximation, TheSameBytesOnEveryInstructionSetAndAgain) {
  Random random(302);
  for (const tda_scalar scalar : {TDA_FLOAT32, TDA_FLOAT64}) {
    for (const std::uint32_t dimension : {2u, 3u, 9u}) {
      Input input = uniform_points_input(700, dimension, random, scalar);
      for (std::size_t k = 0; k < input.values.size(); k += 3) input.values[k] = std::round(4 * input.values[k]) / 4;
      for (const tda_rips_options& given : {sparse_rips(rips_options(1, infinity, 3), 0.8), subsample(rips_options(2), 90)}) {
        tda_rips_options options = given;
        options.simd_target = TDA_SIMD_BASELINE;
        const Outcome expected = compute(input, options);
        ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
        for (const std::uint32_t target : available_simd_targets()) {
          options.simd_target = target;
          options.threads = target;
          const Outcome outcome = compute(input, options);
          EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << tda_simd_target_name(target);
          EXPECT_EQ(outcome.statistics.edges, expected.statistics.edges);
          EXPECT_EQ(outcome.statistics.error_bound, expected.statistics.error_bound);
          EXPECT_EQ(outcome.statistics.threshold, expected.statistics.threshold);
        }
      }
    }
  }
}

TEST(Approximation, IsCancelledAtAnyReport) {
  Random random(303);
  const Input points = uniform_points_input(200'000, 8, random);
  const Input matrix = random_symmetric_input(2'500, random);
  for (const Input* input : {&points, &matrix}) {
    for (const tda_rips_options& options : {subsample(rips_options(1), 2'000), sparse_rips(rips_options(1), 0.5)}) {
      for (int stop_at = 1; stop_at <= 4; ++stop_at) {
        int reports = 0;
        struct User {
          int* reports;
          int stop_at;
          double fraction;
        } user{&reports, stop_at, 0};
        tda_control control{};
        control.struct_size = sizeof control;
        control.user = &user;
        control.on_progress = [](void* given, const tda_progress* progress) {
          auto& u = *static_cast<User*>(given);
          EXPECT_GE(progress->fraction, u.fraction);
          EXPECT_LE(progress->columns_done, progress->columns_total);
          u.fraction = progress->fraction;
          return ++*u.reports >= u.stop_at ? 1 : 0;
        };
        EXPECT_EQ(compute(*input, options, &control).status, TDA_ERROR_CANCELLED);
        EXPECT_EQ(reports, stop_at);
      }
    }
  }
}

}  // namespace
}  // namespace tda::test
