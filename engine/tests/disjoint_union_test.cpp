// SPDX-License-Identifier: Apache-2.0
//
// Many small complexes in one input, their vertices shuffled together: the diagram is the union of theirs, which the oracle gives. So a
// large sparse graph, wide simplex numbers and high dimensions are compared with brute force.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t fields[] = {2, 3, 5, 11, 32749};

DistanceMatrix draw_piece(Random& random) {
  DistanceMatrix matrix(random.between(2, 11));
  const bool has_ties = random.chance(0.5);
  const double no_edge_probability = random.pick({0.0, 0.3, 0.6});
  for (std::uint32_t i = 0; i < matrix.size(); ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      const double value = has_ties ? random.between(1, 5) / 5.0 : random.uniform();
      matrix.set(i, j, random.chance(no_edge_probability) ? infinity : value);
    }
  }
  return matrix;
}

/// Two or three points near to all others, which are mostly far from each other: links with many vertices and few edges.
DistanceMatrix draw_hubs_and_leaves(std::uint32_t leaves, Random& random) {
  const std::uint32_t hubs = random.between(2, 3);
  const std::uint32_t neighbours = random.below(4);
  const bool has_ties = random.chance(0.5);
  DistanceMatrix matrix(hubs + leaves);
  for (std::uint32_t i = 0; i < matrix.size(); ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      const bool is_edge = j < hubs || random.below(leaves) < neighbours;
      matrix.set(i, j, is_edge ? (has_ties ? random.between(1, 4) / 4.0 : random.uniform()) : infinity);
    }
  }
  return matrix;
}

/// A sphere of dimension axes − 1 whose simplices come one after the other: opposite points have no edge.
DistanceMatrix draw_cross_polytope(std::uint32_t axes, Random& random) {
  DistanceMatrix matrix(2 * axes);
  for (std::uint32_t i = 0; i < 2 * axes; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, i == j + axes ? infinity : 0.1 + random.uniform());
  return matrix;
}

DistanceMatrix draw_cycle(std::uint32_t length, Random& random) {
  DistanceMatrix matrix(length);
  for (std::uint32_t i = 0; i < length; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, infinity);
  for (std::uint32_t i = 0; i < length; ++i) matrix.set(i, (i + 1) % length, random.uniform());
  return matrix;
}

/// The pieces side by side as sparse distances, vertices renumbered at random, entries in random order.
Input side_by_side(const std::vector<DistanceMatrix>& pieces, tda_scalar scalar, Random& random) {
  Input input;
  input.kind = TDA_DISTANCES_SPARSE;
  input.scalar = scalar;
  for (const DistanceMatrix& piece : pieces) input.rows += piece.size();
  std::vector<std::uint32_t> number(input.rows);
  std::iota(number.begin(), number.end(), 0);
  random.shuffle(number);
  std::uint32_t first = 0;
  for (const DistanceMatrix& piece : pieces) {
    const Input own = sparse_input(piece, scalar, random);
    for (std::size_t k = 0; k < own.values.size(); ++k) {
      input.row_indices.push_back(number[first + own.row_indices[k]]);
      input.column_indices.push_back(number[first + own.column_indices[k]]);
      input.values.push_back(own.values[k]);
    }
    first += piece.size();
  }
  return input;
}

Diagrams union_of_diagrams(const std::vector<DistanceMatrix>& pieces, const tda_rips_options& options, tda_scalar scalar) {
  Diagrams all(options.max_dimension + 1);
  for (const DistanceMatrix& piece : pieces) {
    const Diagrams own = brute_force_rips(piece, options, scalar);
    for (std::size_t dimension = 0; dimension < all.size(); ++dimension)
      all[dimension].insert(all[dimension].end(), own[dimension].begin(), own[dimension].end());
  }
  for (Diagram& diagram : all) std::ranges::sort(diagram);
  return all;
}

void expect_the_union(const std::vector<DistanceMatrix>& pieces, tda_rips_options options, Random& random) {
  const Input input = side_by_side(pieces, TDA_FLOAT64, random);
  const Diagrams expected = union_of_diagrams(pieces, options, TDA_FLOAT64);
  for (std::uint32_t target : available_simd_targets()) {
    options.simd_target = target;
    const Outcome outcome = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    for (std::size_t dimension = 0; dimension < expected.size(); ++dimension)
      ASSERT_EQ(outcome.diagrams[dimension], expected[dimension]) << "dimension " << dimension << " target " << target;
  }
}

/// Every field with every size: the engine takes other code for two than for the other fields, for small graphs than for large
/// sparse ones, and for simplex numbers above 64 bits.
class DisjointUnion : public testing::TestWithParam<std::uint64_t> {
 protected:
  static std::uint32_t field() { return fields[GetParam() % std::size(fields)]; }
  static std::uint32_t cycle_length() {
    constexpr std::uint32_t lengths[] = {30, 800, 2'500};
    return lengths[GetParam() % std::size(lengths)];
  }
};

TEST_P(DisjointUnion, OfSmallComplexesAndALongCycle) {
  Random random(GetParam());
  std::vector<DistanceMatrix> pieces = {draw_cycle(cycle_length(), random)};
  const std::uint32_t count = random.between(10, 80);
  for (std::uint32_t k = 0; k < count; ++k) pieces.push_back(draw_piece(random));
  const double threshold = random.pick({infinity, 0.6});
  expect_the_union(pieces, rips_options(random.between(1, 4), threshold, field()), random);
}

/// Simplices of high dimension among many vertices: their numbers pass 64 bits.
TEST_P(DisjointUnion, OfCrossPolytopesInHighDimension) {
  Random random(GetParam() + 1'000'000);
  std::vector<DistanceMatrix> pieces = {draw_cycle(cycle_length(), random)};
  for (std::uint32_t axes : {2u, 4u, 6u, 7u}) pieces.push_back(draw_cross_polytope(axes, random));
  for (std::uint32_t k = 0; k < 5; ++k) pieces.push_back(draw_piece(random));
  expect_the_union(pieces, rips_options(random.between(6, 10), infinity, field()), random);
}

TEST_P(DisjointUnion, OfHubsAndLeaves) {
  Random random(GetParam() + 2'000'000);
  std::vector<DistanceMatrix> pieces = {draw_cycle(cycle_length(), random)};
  for (std::uint32_t leaves : {12u, 20u, 40u, 63u, 64u, 65u, 130u}) pieces.push_back(draw_hubs_and_leaves(leaves, random));
  expect_the_union(pieces, rips_options(random.between(2, 4), random.pick({infinity, 0.75}), field()), random);
}

/// Alone, a piece is in a link with nothing else, and its vertices keep their order: hubs first, or last.
TEST_P(DisjointUnion, OfHubsAndLeavesAlone) {
  Random random(GetParam() + 3'000'000);
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    const DistanceMatrix piece = draw_hubs_and_leaves(random.between(3, 90), random);
    std::vector<std::uint32_t> reversed(piece.size());
    for (std::uint32_t i = 0; i < piece.size(); ++i) reversed[i] = piece.size() - 1 - i;
    const tda_rips_options options = rips_options(random.between(1, 4), infinity, field());
    const Diagrams expected = brute_force_rips(piece, options, TDA_FLOAT64);
    EXPECT_EQ(compute(lower_input(piece), options).diagrams, expected) << GetParam() << ' ' << k;
    EXPECT_EQ(compute(lower_input(permuted(piece, reversed)), options).diagrams, expected) << GetParam() << ' ' << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, DisjointUnion, testing::Range<std::uint64_t>(0, 15));

}  // namespace
}  // namespace tda::test
