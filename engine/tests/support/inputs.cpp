// SPDX-License-Identifier: Apache-2.0
#include "support/inputs.hpp"

#include <cmath>
#include <numbers>

namespace tda::test {

Input random_symmetric_input(std::uint32_t size, Random& random, tda_scalar scalar) {
  Input input;
  input.kind = TDA_DISTANCES_LOWER;
  input.scalar = scalar;
  input.rows = size;
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < i; ++j) input.values.push_back(random.uniform());
  return input;
}

Input uniform_points_input(std::uint32_t count, std::uint32_t dimension, Random& random, tda_scalar scalar) {
  Input input;
  input.scalar = scalar;
  input.rows = count;
  input.columns = dimension;
  for (std::uint64_t k = 0; k < std::uint64_t{count} * dimension; ++k) input.values.push_back(random.uniform());
  return input;
}

Input sphere_points_input(std::uint32_t count, std::uint32_t dimension, Random& random, tda_scalar scalar) {
  Input input;
  input.scalar = scalar;
  input.rows = count;
  input.columns = dimension;
  std::vector<double> point(dimension);
  for (std::uint32_t i = 0; i < count; ++i) {
    double square = 0;
    for (double& x : point) {
      x = random.gaussian();
      square += x * x;
    }
    for (double x : point) input.values.push_back(x / std::sqrt(square));
  }
  return input;
}

Input circle_among_isolated_points(std::uint32_t count) {
  Input input;
  input.rows = count;
  input.columns = 2;
  for (std::uint32_t i = 0; i < 24; ++i) {
    const double angle = 2 * std::numbers::pi * i / 24;
    input.values.insert(input.values.end(), {std::cos(angle), std::sin(angle)});
  }
  for (std::uint32_t i = 24; i < count; ++i)
    input.values.insert(input.values.end(), {200.0 + 100 * (i % 1000), 100.0 * (i / 1000)});
  return input;
}

}  // namespace tda::test
