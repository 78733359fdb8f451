// SPDX-License-Identifier: Apache-2.0
//
// Every error that an input or an option can cause, with its place, from the computation and from the estimate alike.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "support/inputs.hpp"
#include "support/oracle.hpp"

namespace tda::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct BadCall {
  const char* name;
  Input input;
  tda_rips_options options;
  tda_status status;
  std::uint64_t row = TDA_NO_INDEX;
  std::uint64_t column = TDA_NO_INDEX;
};

Input full(std::uint64_t rows, std::vector<double> values) {
  Input input;
  input.kind = TDA_DISTANCES_FULL;
  input.rows = rows;
  input.values = std::move(values);
  return input;
}

Input lower(std::uint64_t rows, std::vector<double> values) {
  Input input = full(rows, std::move(values));
  input.kind = TDA_DISTANCES_LOWER;
  return input;
}

Input lower_diagonal(std::uint64_t rows, std::vector<double> values) {
  Input input = full(rows, std::move(values));
  input.kind = TDA_DISTANCES_LOWER_DIAG;
  return input;
}

Input sparse(std::uint64_t rows, std::vector<std::uint32_t> i, std::vector<std::uint32_t> j, std::vector<double> values) {
  Input input = full(rows, std::move(values));
  input.kind = TDA_DISTANCES_SPARSE;
  input.row_indices = std::move(i);
  input.column_indices = std::move(j);
  return input;
}

Input points(std::vector<std::vector<double>> rows, std::uint32_t metric = TDA_EUCLIDEAN, double p = 2) {
  Input input = points_input(rows, metric);
  input.minkowski_p = p;
  return input;
}

Input as_float32(Input input) {
  input.scalar = TDA_FLOAT32;
  return input;
}

const Input two_points = points({{0.0}, {1.0}});

template <class Change>
tda_rips_options changed(Change change) {
  tda_rips_options options = rips_options(1);
  change(options);
  return options;
}

std::vector<BadCall> bad_calls() {
  const tda_rips_options plain = rips_options(1);
  std::vector<BadCall> calls = {
      {"NanCoordinate", points({{0, 1}, {2, nan}, {4, 5}}), plain, TDA_ERROR_NOT_A_NUMBER, 1, 1},
      {"InfiniteCoordinate", points({{0, 1}, {2, 3}, {-infinity, 5}}), plain, TDA_ERROR_NOT_A_NUMBER, 2, 0},
      {"NanCoordinateFloat32", as_float32(points({{nan, 1}, {2, 3}})), plain, TDA_ERROR_NOT_A_NUMBER, 0, 0},
      {"NanCoordinateOfALonePoint", points({{0, 1, nan}}), plain, TDA_ERROR_NOT_A_NUMBER, 0, 2},
      {"NanInAFullMatrix", full(3, {0, 1, 2, 1, 0, nan, 2, nan, 0}), plain, TDA_ERROR_NOT_A_NUMBER, 1, 2},
      {"NanInALowerMatrix", lower(3, {1, 2, nan}), plain, TDA_ERROR_NOT_A_NUMBER, 2, 1},
      {"NanBirth", lower_diagonal(2, {0, 1, nan}), plain, TDA_ERROR_NOT_A_NUMBER, 1, 1},
      {"NanSparse", sparse(3, {0, 1}, {1, 2}, {1, nan}), plain, TDA_ERROR_NOT_A_NUMBER, 1},
      {"NegativeInAFullMatrix", full(2, {0, -1, -1, 0}), plain, TDA_ERROR_NEGATIVE_DISTANCE, 0, 1},
      {"NegativeInALowerMatrix", as_float32(lower(3, {1, -2, 3})), plain, TDA_ERROR_NEGATIVE_DISTANCE, 2, 0},
      {"MinusInfinity", lower(2, {-infinity}), plain, TDA_ERROR_NEGATIVE_DISTANCE, 1, 0},
      {"NegativeSparse", sparse(3, {0, 1}, {1, 2}, {1, -4}), plain, TDA_ERROR_NEGATIVE_DISTANCE, 1},
      {"Asymmetric", full(3, {0, 1, 2, 1, 0, 3, 2, 4, 0}), plain, TDA_ERROR_ASYMMETRIC_DISTANCE, 1, 2},
      {"AsymmetricInfinity", full(2, {0, infinity, 1, 0}), plain, TDA_ERROR_ASYMMETRIC_DISTANCE, 0, 1},
      {"BirthAboveAnEdge", full(2, {0, 1, 1, 2}), plain, TDA_ERROR_DIAGONAL_ABOVE_EDGE},
      {"BirthAboveALowerEdge", lower_diagonal(3, {0, 5, 0, 5, 5, 6}), plain, TDA_ERROR_DIAGONAL_ABOVE_EDGE},
      {"BirthOfTheFirstPointAboveAnEdge", lower_diagonal(3, {6, 7, 0, 5, 7, 0}), plain, TDA_ERROR_DIAGONAL_ABOVE_EDGE},
      {"SparseBirthAboveAnEdge", sparse(2, {0, 0}, {1, 0}, {1, 2}), plain, TDA_ERROR_DIAGONAL_ABOVE_EDGE},
      {"SparseRowOutOfRange", sparse(3, {0, 3}, {1, 0}, {1, 1}), plain, TDA_ERROR_INDEX_OUT_OF_RANGE, 1},
      {"SparseColumnOutOfRange", sparse(3, {0}, {UINT32_MAX}, {1}), plain, TDA_ERROR_INDEX_OUT_OF_RANGE, 0},
      {"SparseEntryOfNoPoint", sparse(0, {0}, {0}, {1}), plain, TDA_ERROR_INDEX_OUT_OF_RANGE, 0},
      {"SparsePairGivenTwice", sparse(3, {0, 2, 1}, {1, 1, 0}, {1, 1, 2}), plain, TDA_ERROR_CONFLICTING_ENTRIES},
      {"SparsePairGivenAndDenied", sparse(3, {0, 0}, {1, 1}, {1, infinity}), plain, TDA_ERROR_CONFLICTING_ENTRIES},
      {"SparseBirthGivenTwice", sparse(3, {1, 1}, {1, 1}, {1, 2}), plain, TDA_ERROR_CONFLICTING_ENTRIES},
      {"ZeroVector", points({{1, 0}, {0, 0}}, TDA_COSINE), plain, TDA_ERROR_ZERO_VECTOR, 1},
      {"ZeroVectorWithoutColumns", points({{}, {}}, TDA_COSINE), plain, TDA_ERROR_ZERO_VECTOR, 0},
      {"DistanceOverflow", points({{1e308, 1e308}, {0, 1}, {-1e308, -1e308}}), plain, TDA_ERROR_DISTANCE_OVERFLOW},
      {"DistanceOverflowManhattan", points({{1.5e308}, {-1.5e308}}, TDA_MANHATTAN), plain, TDA_ERROR_DISTANCE_OVERFLOW},
      {"DistanceOverflowFloat32", as_float32(points({{3e38, 3e38}, {-3e38, -3e38}})), plain, TDA_ERROR_DISTANCE_OVERFLOW},
      {"UnknownMetric", points({{0.0}, {1.0}}, 9), plain, TDA_ERROR_INVALID_METRIC},
      {"MinkowskiBelowOne", points({{0.0}, {1.0}}, TDA_MINKOWSKI, 0.99), plain, TDA_ERROR_INVALID_METRIC},
      {"MinkowskiNan", points({{0.0}, {1.0}}, TDA_MINKOWSKI, nan), plain, TDA_ERROR_INVALID_METRIC},
      {"MinkowskiInfinite", points({{0.0}, {1.0}}, TDA_MINKOWSKI, infinity), plain, TDA_ERROR_INVALID_METRIC},
      {"DimensionAboveTheLimit", two_points, rips_options(TDA_MAX_DIMENSION + 1), TDA_ERROR_INVALID_DIMENSION},
      {"DimensionHuge", two_points, rips_options(UINT32_MAX), TDA_ERROR_INVALID_DIMENSION},
      {"ThresholdNan", two_points, rips_options(1, nan), TDA_ERROR_INVALID_THRESHOLD},
      {"CollapseUnknown", two_points, changed([](auto& o) { o.edge_collapse = 3; }), TDA_ERROR_INVALID_OPTION},
      {"RepresentativesUnknown", two_points, changed([](auto& o) { o.representatives = 4; }), TDA_ERROR_INVALID_OPTION},
      {"SimdUnknown", two_points, changed([](auto& o) { o.simd_target = TDA_SIMD_WASM128 + 1; }), TDA_ERROR_INVALID_OPTION},
  };
  for (std::uint32_t field : {0u, 1u, 4u, 9u, 32747u, 32751u, 32771u, 65537u, UINT32_MAX})
    calls.push_back({"FieldNotAPrimeBelowTwoToTheFifteen", two_points, rips_options(1, infinity, field), TDA_ERROR_INVALID_FIELD});
  for (std::uint32_t target : {TDA_SIMD_AVX2, TDA_SIMD_AVX512, TDA_SIMD_NEON, TDA_SIMD_WASM128}) {
    if (!tda_simd_target_available(target))
      calls.push_back({"SimdNotHere", two_points, changed([&](auto& o) { o.simd_target = target; }), TDA_ERROR_NOT_SUPPORTED});
  }
  return calls;
}

struct Status {
  tda_status status;
  tda_error error;
};

Status estimate(const tda_input* input, const tda_rips_options* options) {
  Status outcome{};
  outcome.error.struct_size = sizeof outcome.error;
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  outcome.status = tda_vietoris_rips_estimate(input, options, nullptr, &estimate, &outcome.error);
  return outcome;
}

void expect_error(const tda_error& error, tda_status status, const BadCall& call, const char* function) {
  EXPECT_EQ(status, call.status) << function << ' ' << call.name << ": " << error.message;
  EXPECT_EQ(error.status, static_cast<std::uint32_t>(call.status)) << function << ' ' << call.name;
  if (call.row != TDA_NO_INDEX) {
    EXPECT_EQ(error.row, call.row) << function << ' ' << call.name;
  }
  if (call.column != TDA_NO_INDEX) {
    EXPECT_EQ(error.column, call.column) << function << ' ' << call.name;
  }
}

TEST(Errors, EveryBadInputAndOptionIsNamedWithItsPlace) {
  for (const BadCall& call : bad_calls()) {
    const Outcome outcome = compute(call.input, call.options);
    expect_error(outcome.error, outcome.status, call, "tda_vietoris_rips");
  }
}

TEST(Errors, Float32InputsFailWithTheSameStatusAndPlace) {
  for (BadCall call : bad_calls()) {
    if (call.status == TDA_ERROR_DISTANCE_OVERFLOW) continue;  // its coordinates are infinite in float32
    call.input.scalar = TDA_FLOAT32;
    const Outcome outcome = compute(call.input, call.options);
    expect_error(outcome.error, outcome.status, call, "float32");
  }
}

TEST(Errors, TheEstimateFailsWithTheSameStatus) {
  for (const BadCall& call : bad_calls()) {
    BorrowedInput input(call.input);
    const Status outcome = estimate(input.get(), &call.options);
    // A distance that overflows is found only where the pair is looked at; an estimate looks at a sample.
    if (call.status == TDA_ERROR_DISTANCE_OVERFLOW && outcome.status == TDA_OK) continue;
    expect_error(outcome.error, outcome.status, call, "tda_vietoris_rips_estimate");
  }
}

TEST(Errors, PlacesOfErrorsBetweenTwoPointsLieWithinTheInput) {
  for (const BadCall& call : bad_calls()) {
    if (call.status != TDA_ERROR_DIAGONAL_ABOVE_EDGE && call.status != TDA_ERROR_DISTANCE_OVERFLOW) continue;
    const Outcome outcome = compute(call.input, call.options);
    EXPECT_LT(outcome.error.row, call.input.rows) << call.name;
    EXPECT_LT(outcome.error.column, call.input.rows) << call.name;
  }
  const Outcome conflict = compute(sparse(3, {0, 2, 1}, {1, 1, 0}, {1, 1, 2}), rips_options(1));
  EXPECT_TRUE(conflict.error.row == 0 || conflict.error.row == 2) << conflict.error.row;
}

TEST(Errors, DistancesThatDoNotMatterAreValidatedToo) {
  EXPECT_EQ(compute(lower(3, {1, 2, nan}), rips_options(1, 0.5)).status, TDA_ERROR_NOT_A_NUMBER);
  EXPECT_EQ(compute(lower(3, {1, 2, -3}), rips_options(0, 0.5)).status, TDA_ERROR_NEGATIVE_DISTANCE);
  EXPECT_EQ(compute(full(2, {9, 8, 8, 0}), rips_options(1, 0.5)).status, TDA_ERROR_DIAGONAL_ABOVE_EDGE);
}

TEST(Errors, UnknownKindAndScalarAreInvalidOptions) {
  Input input = two_points;
  input.kind = 5;
  EXPECT_EQ(compute(input, rips_options(1)).status, TDA_ERROR_INVALID_OPTION);
  input = two_points;
  BorrowedInput borrowed(input);
  borrowed.raw().scalar = 2;
  EXPECT_EQ(compute(borrowed, rips_options(1)).status, TDA_ERROR_INVALID_OPTION);
}

TEST(Errors, NullArguments) {
  BorrowedInput input(two_points);
  const tda_rips_options options = rips_options(1);
  tda_result* result = nullptr;
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  EXPECT_EQ(tda_vietoris_rips(nullptr, &options, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_vietoris_rips(input.get(), nullptr, nullptr, &result, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_vietoris_rips(input.get(), &options, nullptr, nullptr, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_vietoris_rips_estimate(nullptr, &options, nullptr, &estimate, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_vietoris_rips_estimate(input.get(), nullptr, nullptr, &estimate, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_vietoris_rips_estimate(input.get(), &options, nullptr, nullptr, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(result, nullptr);
}

TEST(Errors, NullArraysOfNonzeroLength) {
  for (tda_input_kind kind : {TDA_POINTS, TDA_DISTANCES_FULL, TDA_DISTANCES_LOWER, TDA_DISTANCES_LOWER_DIAG}) {
    Input input;
    input.kind = kind;
    input.rows = 3;
    input.columns = 1;
    BorrowedInput borrowed(input);
    borrowed.raw().values = nullptr;
    EXPECT_EQ(compute(borrowed, rips_options(1)).status, TDA_ERROR_NULL_ARGUMENT) << kind;
  }
  const Input given = sparse(3, {0}, {1}, {1});
  for (int missing = 0; missing < 3; ++missing) {
    BorrowedInput borrowed(given);
    if (missing == 0) borrowed.raw().values = nullptr;
    if (missing == 1) borrowed.raw().row_indices = nullptr;
    if (missing == 2) borrowed.raw().column_indices = nullptr;
    EXPECT_EQ(compute(borrowed, rips_options(1)).status, TDA_ERROR_NULL_ARGUMENT) << missing;
  }
}

TEST(Errors, UnknownStructSizes) {
  for (std::uint32_t size : {0u, 4u}) {
    BorrowedInput input(two_points);
    input.raw().struct_size = size;
    EXPECT_EQ(compute(input, rips_options(1)).status, TDA_ERROR_NULL_ARGUMENT);
    tda_rips_options options = rips_options(1);
    options.struct_size = size;
    EXPECT_EQ(compute(two_points, options).status, TDA_ERROR_NULL_ARGUMENT);
    tda_control control{};
    control.struct_size = size;
    EXPECT_EQ(compute(two_points, rips_options(1), &control).status, TDA_ERROR_NULL_ARGUMENT);
  }
}

/// A caller built against an older header has a shorter tda_error: nothing may be written past its end.
TEST(Errors, AnErrorObjectIsNeverWrittenPastItsSize) {
  struct {
    tda_error error;
    unsigned char guard[64];
  } area;
  std::memset(&area, 0x5a, sizeof area);
  area.error.struct_size = sizeof area.error;
  const Input bad = points({{nan}});
  BorrowedInput input(bad);
  const tda_rips_options options = rips_options(1);
  tda_result* result = nullptr;
  ASSERT_EQ(tda_vietoris_rips(input.get(), &options, nullptr, &result, &area.error), TDA_ERROR_NOT_A_NUMBER);
  for (unsigned char byte : area.guard) EXPECT_EQ(byte, 0x5a);
}

TEST(Errors, SizesThatOverflowEveryIndexAreTypedErrorsBeforeAnyWork) {
  for (std::uint64_t rows : {std::uint64_t{1} << 32, std::uint64_t{1} << 40, UINT64_MAX}) {
    Input input = sparse(rows, {}, {}, {});
    EXPECT_EQ(compute(input, rips_options(1)).status, TDA_ERROR_INDEX_OVERFLOW) << rows;
    EXPECT_EQ(compute(input, rips_options(TDA_MAX_DIMENSION)).status, TDA_ERROR_INDEX_OVERFLOW) << rows;
    // The values are never read: their number alone is too large.
    for (tda_input_kind kind : {TDA_DISTANCES_FULL, TDA_DISTANCES_LOWER, TDA_DISTANCES_LOWER_DIAG, TDA_POINTS}) {
      const Input one = lower(2, {1});
      BorrowedInput borrowed(one);
      borrowed.raw().kind = kind;
      borrowed.raw().rows = rows;
      borrowed.raw().columns = 3;
      const tda_status status = compute(borrowed, rips_options(1)).status;
      EXPECT_TRUE(status == TDA_ERROR_INDEX_OVERFLOW) << kind << ' ' << rows << ' ' << tda_status_name(status);
      const tda_rips_options options = rips_options(1);
      EXPECT_NE(estimate(borrowed.get(), &options).status, TDA_OK);
    }
  }
}

/// C(70,000, 17) needs more than any 64-bit index: the engine widens its keys or refuses, it never wraps around.
TEST(Errors, ManyPointsInTheHighestDimensionAreComputedOrRefused) {
  const Input input = circle_among_isolated_points(70'000);
  const Outcome outcome = compute(input, rips_options(TDA_MAX_DIMENSION, 0.3));
  ASSERT_TRUE(outcome.status == TDA_OK || outcome.status == TDA_ERROR_INDEX_OVERFLOW) << outcome.error.message;
  if (outcome.status == TDA_OK) {
    EXPECT_EQ(outcome.diagrams[1].size(), 1u);
    for (std::uint32_t dimension = 2; dimension <= TDA_MAX_DIMENSION; ++dimension) EXPECT_TRUE(outcome.diagrams[dimension].empty());
  }
}

TEST(Errors, AfterAFailureTheNextCallIsRight) {
  for (const BadCall& call : bad_calls()) {
    compute(call.input, call.options);
    EXPECT_EQ(compute(two_points, rips_options(0)).diagrams, (Diagrams{{{0, 1}, {0, infinity}}}));
  }
}

}  // namespace
}  // namespace tda::test
