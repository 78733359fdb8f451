// SPDX-License-Identifier: Apache-2.0
//
// Spaces with torsion: a disc whose rim winds q times around a circle (a Moore space; q = 2 is the projective plane). Only there do
// coefficients other than ±1 come up in a reduction; random complexes of this size hardly ever have one.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t fields[] = {2, 3, 5, 7, 11, 32749};

using EdgeList = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Edges of the flag complex: a circle of `length` ≥ 4 vertices, a ring of q · length vertices around it q times, a centre.
EdgeList moore_space(std::uint32_t q, std::uint32_t length) {
  const std::uint32_t ring = q * length;
  const auto on_circle = [&](std::uint32_t i) { return i % length; };
  const auto on_ring = [&](std::uint32_t i) { return length + i % ring; };
  const std::uint32_t centre = length + ring;
  EdgeList edges;
  for (std::uint32_t i = 0; i < length; ++i) edges.emplace_back(on_circle(i), on_circle(i + 1));
  for (std::uint32_t i = 0; i < ring; ++i) {
    edges.emplace_back(on_ring(i), on_ring(i + 1));
    edges.emplace_back(on_ring(i), on_circle(i));
    edges.emplace_back(on_ring(i), on_circle(i + 1));
    edges.emplace_back(on_ring(i), centre);
  }
  return edges;
}

std::uint32_t vertex_count(std::uint32_t q, std::uint32_t length) { return length + q * length + 1; }

/// Vertices renumbered at random; `value()` gives the edges their lengths.
template <class Value>
DistanceMatrix shuffled_matrix(std::uint32_t size, const EdgeList& edges, Random& random, Value value) {
  DistanceMatrix matrix(size);
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, infinity);
  std::vector<std::uint32_t> number(size);
  std::iota(number.begin(), number.end(), 0);
  random.shuffle(number);
  for (const auto& [i, j] : edges) matrix.set(number[i], number[j], value());
  return matrix;
}

void expect_the_oracles_diagram(const DistanceMatrix& matrix, const tda_rips_options& options, Random& random) {
  const Diagrams expected = brute_force_rips(matrix, options, TDA_FLOAT64);
  for (const Input& input : {lower_input(matrix), sparse_input(matrix, TDA_FLOAT64, random)}) {
    const Outcome outcome = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    ASSERT_EQ(outcome.diagrams, expected) << "field " << options.coefficient_field << to_string(expected) << "\ngot"
                                          << to_string(outcome.diagrams);
  }
}

class Torsion : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Torsion, AClassInDimensionsOneAndTwoExactlyOverItsOwnField) {
  Random random(GetParam());
  const std::uint32_t q = GetParam();
  const DistanceMatrix matrix = shuffled_matrix(vertex_count(q, 5), moore_space(q, 5), random, [] { return 1.0; });
  for (std::uint32_t field : fields) {
    const Outcome outcome = compute(lower_input(matrix), rips_options(2, infinity, field));
    ASSERT_EQ(outcome.status, TDA_OK);
    const Diagram expected = field == q ? Diagram{{1, infinity}} : Diagram{};
    EXPECT_EQ(outcome.diagrams[1], expected) << field;
    EXPECT_EQ(outcome.diagrams[2], expected) << field;
  }
}

TEST_P(Torsion, WithAnyLengthsTheOracleAgrees) {
  Random random(GetParam() + 100);
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    const std::uint32_t length = random.between(4, 6);
    const std::uint32_t size = vertex_count(GetParam(), length);
    const DistanceMatrix matrix =
        shuffled_matrix(size, moore_space(GetParam(), length), random, [&] { return random.uniform(); });
    for (std::uint32_t field : fields) expect_the_oracles_diagram(matrix, rips_options(2, infinity, field), random);
  }
}

/// Several of them, with edges added at random that fill in and identify what was apart: columns with such coefficients are added again.
TEST_P(Torsion, WithEdgesAcrossTheOracleAgrees) {
  Random random(GetParam() + 200);
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    EdgeList edges;
    std::uint32_t size = 0;
    for (std::uint32_t q : {GetParam(), 2u, 3u}) {
      for (const auto& [i, j] : moore_space(q, 4)) edges.emplace_back(size + i, size + j);
      size += vertex_count(q, 4);
    }
    const std::uint32_t across = random.between(0, size);
    for (std::uint32_t e = 0; e < across; ++e) {
      const std::uint32_t i = random.between(1, size - 1);
      edges.emplace_back(i, random.below(i));
    }
    const DistanceMatrix matrix = shuffled_matrix(size, edges, random, [&] { return random.between(1, 40) / 8.0; });
    for (std::uint32_t field : fields) expect_the_oracles_diagram(matrix, rips_options(2, infinity, field), random);
  }
}

INSTANTIATE_TEST_SUITE_P(Winding, Torsion, testing::Values(2u, 3u, 5u, 7u));

}  // namespace
}  // namespace tda::test
