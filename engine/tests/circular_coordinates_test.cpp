// SPDX-License-Identifier: Apache-2.0
//
// Circular coordinates: what they say of circles, the equations they solve, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"
#include "support/rips_call.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

struct Circular {
  tda_status status = TDA_ERROR_INTERNAL;
  tda_error error{};
  std::vector<double> coordinates;
  tda_circular_view view{};
};

tda_circular_options circular_options() {
  tda_circular_options options;
  tda_circular_options_init(&options);
  return options;
}

Circular coordinates_of(const Input& input, const tda_rips_options& options, const tda_circular_options& circular = circular_options(),
                        const tda_control* control = nullptr) {
  BorrowedInput borrowed(input);
  Circular out;
  out.error.struct_size = sizeof out.error;
  tda_circular_result* result = nullptr;
  out.status = tda_circular_coordinates(borrowed.get(), &options, &circular, control, &result, &out.error);
  EXPECT_EQ(result != nullptr, out.status == TDA_OK);
  EXPECT_TRUE(borrowed.is_untouched());
  if (result == nullptr) {
    EXPECT_NE(out.error.message[0], 0);
    return out;
  }
  out.view.struct_size = sizeof out.view;
  EXPECT_EQ(tda_circular_result_view(result, &out.view), TDA_OK);
  EXPECT_EQ(out.view.count, input.rows);
  out.coordinates.assign(out.view.coordinates, out.view.coordinates + out.view.count);
  out.view.coordinates = nullptr;
  tda_circular_result_free(result);
  for (const double c : out.coordinates) {
    EXPECT_TRUE(std::isnan(c) || (c >= 0 && c < 1)) << c;
  }
  return out;
}

/// To (−½, ½].
double wrapped(double turns) { return turns - std::ceil(turns - 0.5); }

Input noisy_circle(std::uint32_t count, double noise, Random& random, std::vector<double>* turns = nullptr) {
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double turn = random.uniform();
    if (turns != nullptr) turns->push_back(turn);
    const double radius = 1 + noise * (random.uniform() - 0.5);
    points.push_back({radius * std::cos(2 * std::numbers::pi * turn), radius * std::sin(2 * std::numbers::pi * turn)});
  }
  return points_input(points);
}

TEST(CircularCoordinates, FollowTheAngleOfANoisyCircle) {
  Random random(1);
  for (const std::uint32_t prime : {3u, 41u, 32749u}) {
    std::vector<double> turns;
    const Circular got = coordinates_of(noisy_circle(120, 0.2, random, &turns), rips_options(1, infinity, prime));
    ASSERT_EQ(got.status, TDA_OK) << got.error.message;
    std::vector<std::uint32_t> order(turns.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return turns[i]; });
    double winding = 0;
    for (std::size_t i = 0; i < order.size(); ++i)
      winding += wrapped(got.coordinates[order[(i + 1) % order.size()]] - got.coordinates[order[i]]);
    ASSERT_NEAR(std::abs(winding), 1, 1e-9) << prime;
    // Up to a rotation, the angle itself or its opposite, within a sixth of a turn everywhere.
    double cosine = 0;
    double sine = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const double rest = 2 * std::numbers::pi * (got.coordinates[i] - std::copysign(turns[i], winding));
      cosine += std::cos(rest);
      sine += std::sin(rest);
    }
    const double rotation = std::atan2(sine, cosine) / (2 * std::numbers::pi);
    for (std::size_t i = 0; i < turns.size(); ++i)
      ASSERT_LT(std::abs(wrapped(got.coordinates[i] - std::copysign(turns[i], winding) - rotation)), 1.0 / 6) << i;
    EXPECT_LE(got.view.residual, 1e-12);
  }
}

TEST(CircularCoordinates, ARegularPolygonIsMappedEvenly) {
  const std::uint32_t count = 24;
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double angle = 2 * std::numbers::pi * i / count;
    points.push_back({std::cos(angle), std::sin(angle)});
  }
  const Circular got = coordinates_of(points_input(points), rips_options(1, infinity, 47));
  ASSERT_EQ(got.status, TDA_OK);
  EXPECT_EQ(got.coordinates[0], 0);
  const double step = wrapped(got.coordinates[1]);
  EXPECT_NEAR(std::abs(step), 1.0 / count, 1e-10);
  for (std::uint32_t i = 0; i < count; ++i) EXPECT_NEAR(wrapped(got.coordinates[i] - i * step), 0, 1e-9) << i;
}

/// At the minimum, what is left of the cocycle on the edges sums to zero at each vertex. Modulo 1 it is the difference of the coordinates.
TEST(CircularCoordinates, SolveTheNormalEquations) {
  Random random(2);
  for (std::uint32_t k = 0; k < scaled_count(20); ++k) {
    const Input input = noisy_circle(60, 0.3, random);
    const Circular got = coordinates_of(input, rips_options(1, infinity, 47));
    ASSERT_EQ(got.status, TDA_OK);
    std::vector<double> divergence(60, 0);
    double energy = 0;
    std::uint64_t edges = 0;
    for (std::uint32_t i = 0; i < 60; ++i) {
      for (std::uint32_t j = 0; j < i; ++j) {
        const double dx = input.values[2 * i] - input.values[2 * j];
        const double dy = input.values[2 * i + 1] - input.values[2 * j + 1];
        if (std::sqrt(dx * dx + dy * dy) > got.view.scale) continue;
        const double rest = wrapped(got.coordinates[i] - got.coordinates[j]);
        divergence[i] += rest;
        divergence[j] -= rest;
        energy += rest * rest;
        ++edges;
      }
    }
    ASSERT_EQ(edges, got.view.edges);
    // No edge turns by half or more, so that the differences tell what is left of the cocycle.
    ASSERT_NEAR(energy, got.view.energy, 1e-9 * (1 + energy));
    for (const double d : divergence) ASSERT_NEAR(d, 0, 1e-9) << k;
  }
}

TEST(CircularCoordinates, TheBarIsTheLongestOrTheOneAskedFor) {
  Random random(3);
  Input input = noisy_circle(40, 0.1, random);
  const Input other = noisy_circle(30, 0.1, random);
  for (std::size_t i = 0; i < 60; i += 2) {
    input.values.push_back(10 + other.values[i] / 2);
    input.values.push_back(other.values[i + 1] / 2);
  }
  input.rows += 30;
  const tda_rips_options options = rips_options(1, infinity, 41);
  const Diagram bars = compute(input, options).diagrams[1];
  ASSERT_GE(bars.size(), 2u);
  const auto length = [](const Bar& bar) { return bar.death - bar.birth; };
  const Circular longest = coordinates_of(input, options);
  ASSERT_EQ(longest.status, TDA_OK);
  EXPECT_EQ(length(bars[longest.view.bar]), length(*std::ranges::max_element(bars, {}, length)));
  for (std::size_t i = 0; i < bars.size(); ++i) {
    tda_circular_options circular = circular_options();
    circular.bar = i;
    const Circular got = coordinates_of(input, options, circular);
    ASSERT_EQ(got.status, TDA_OK) << got.error.message;
    EXPECT_EQ(got.view.bar, i);
    EXPECT_EQ(got.view.birth, bars[i].birth);
    EXPECT_EQ(got.view.death, bars[i].death);
    EXPECT_GE(got.view.scale, bars[i].birth);
    EXPECT_LT(got.view.scale, bars[i].death);
    // The other circle is another component at that scale: its points stay where they are.
    if (length(bars[i]) < 0.5) continue;
    const bool is_first = bars[i].death > 1;
    for (std::size_t v = is_first ? 40 : 0; v < (is_first ? 70u : 40u); ++v) EXPECT_NEAR(wrapped(got.coordinates[v]), 0, 1e-9);
  }
  tda_circular_options circular = circular_options();
  circular.bar = bars.size();
  EXPECT_EQ(coordinates_of(input, options, circular).status, TDA_ERROR_NO_BAR);
}

TEST(CircularCoordinates, TheScaleIsInTheBar) {
  Random random(4);
  const Input input = noisy_circle(50, 0.1, random);
  const tda_rips_options options = rips_options(1, infinity, 41);
  const Circular first = coordinates_of(input, options);
  ASSERT_EQ(first.status, TDA_OK);
  tda_circular_options circular = circular_options();
  for (const double scale : {first.view.birth, std::nextafter(first.view.death, 0), (3 * first.view.birth + first.view.death) / 4}) {
    circular.scale = scale;
    const Circular got = coordinates_of(input, options, circular);
    ASSERT_EQ(got.status, TDA_OK) << scale;
    EXPECT_EQ(got.view.scale, scale);
  }
  for (const double scale : {std::nextafter(first.view.birth, 0), first.view.death, infinity, -1.0}) {
    circular.scale = scale;
    EXPECT_EQ(coordinates_of(input, options, circular).status, TDA_ERROR_SCALE_OUTSIDE_BAR) << scale;
  }
}

TEST(CircularCoordinates, PointsThatAreNotThereYetHaveNone) {
  DistanceMatrix matrix(6);
  for (std::uint32_t i = 0; i < 6; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, 4);
  for (std::uint32_t i = 0; i < 4; ++i) matrix.set(i, (i + 1) % 4, 1);
  matrix.set(5, 5, 3.5);
  const tda_rips_options options = rips_options(1, infinity, 5);
  const Circular got = coordinates_of(full_input(matrix), options);
  ASSERT_EQ(got.status, TDA_OK) << got.error.message;
  EXPECT_EQ(got.view.scale, 2.5);
  EXPECT_TRUE(std::isnan(got.coordinates[5]));
  EXPECT_EQ(got.coordinates[4], 0);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_NEAR(std::abs(wrapped(got.coordinates[(i + 1) % 4] - got.coordinates[i])), 0.25, 1e-12);
  // An essential bar is taken at the longest edge below the threshold.
  tda_rips_options cut = options;
  cut.threshold = 2;
  const Circular essential = coordinates_of(full_input(matrix), cut);
  ASSERT_EQ(essential.status, TDA_OK);
  EXPECT_EQ(essential.view.death, infinity);
  EXPECT_EQ(essential.view.scale, 1);
  EXPECT_TRUE(std::isnan(essential.coordinates[5]));
  EXPECT_EQ(essential.view.points, 5u);
}

/// A circle of five vertices, a ring around it three times and a centre: over Z/3 the ring's class has a cocycle, over the integers none.
TEST(CircularCoordinates, ATorsionClassIsRefused) {
  DistanceMatrix matrix(21);
  for (std::uint32_t i = 0; i < 21; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, infinity);
  for (std::uint32_t i = 0; i < 5; ++i) matrix.set(i, (i + 1) % 5, 1);
  for (std::uint32_t i = 0; i < 15; ++i) {
    matrix.set(5 + i, 5 + (i + 1) % 15, 1);
    matrix.set(5 + i, i % 5, 1);
    matrix.set(5 + i, (i + 1) % 5, 1);
    matrix.set(5 + i, 20, 1);
  }
  EXPECT_EQ(coordinates_of(full_input(matrix), rips_options(1, infinity, 3)).status, TDA_ERROR_NOT_INTEGRAL);
  EXPECT_EQ(coordinates_of(full_input(matrix), rips_options(1, infinity, 5)).status, TDA_ERROR_NO_BAR);
}

TEST(CircularCoordinates, RefuseWhatTheyCannotUse) {
  const Input square = points_input({{0.0, 0.0}, {1.0, 0.0}, {1.0, 1.0}, {0.0, 1.0}});
  EXPECT_EQ(coordinates_of(square, rips_options(1, infinity, 2)).status, TDA_ERROR_INVALID_FIELD);
  EXPECT_EQ(coordinates_of(square, rips_options(1, infinity, 9)).status, TDA_ERROR_INVALID_FIELD);
  EXPECT_EQ(coordinates_of(points_input({}), rips_options(1, infinity, 3)).status, TDA_ERROR_NO_BAR);
  EXPECT_EQ(coordinates_of(points_input({{1.0}, {2.0}}), rips_options(1, infinity, 3)).status, TDA_ERROR_NO_BAR);
  EXPECT_EQ(coordinates_of(points_input({{std::nan("")}}), rips_options(1, infinity, 3)).status, TDA_ERROR_NOT_A_NUMBER);
  tda_circular_options unknown = circular_options();
  unknown.struct_size = 1;
  EXPECT_EQ(coordinates_of(square, rips_options(1, infinity, 3), unknown).status, TDA_ERROR_NULL_ARGUMENT);
  tda_circular_view view{};
  EXPECT_EQ(tda_circular_result_view(nullptr, &view), TDA_ERROR_NULL_ARGUMENT);
  tda_circular_result_free(nullptr);
  const volatile std::int32_t cancel = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;
  EXPECT_EQ(coordinates_of(square, rips_options(1, infinity, 3), circular_options(), &control).status, TDA_ERROR_CANCELLED);
  tda_rips_options small = rips_options(1, infinity, 3);
  small.memory_limit_bytes = 100;
  EXPECT_EQ(coordinates_of(square, small).status, TDA_ERROR_MEMORY_LIMIT);
}

TEST(CircularCoordinates, AreTheSameBytesOnEveryInstructionSetAndScalar) {
  Random random(5);
  Input input = noisy_circle(150, 0.3, random);
  for (const tda_scalar scalar : {TDA_FLOAT64, TDA_FLOAT32}) {
    input.scalar = scalar;
    tda_rips_options options = rips_options(1, infinity, 41);
    const Circular first = coordinates_of(input, options);
    ASSERT_EQ(first.status, TDA_OK);
    for (const std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Circular got = coordinates_of(input, options);
      ASSERT_EQ(got.coordinates.size(), first.coordinates.size());
      EXPECT_EQ(std::memcmp(got.coordinates.data(), first.coordinates.data(), 8 * first.coordinates.size()), 0) << target;
      EXPECT_EQ(got.view.energy, first.view.energy);
    }
  }
}

}  // namespace
}  // namespace tda::test
