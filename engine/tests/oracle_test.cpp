// SPDX-License-Identifier: Apache-2.0
//
// The oracle itself, on complexes whose homology is known and that are no flag complexes.
#include "support/oracle.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tda::test {
namespace {

std::vector<std::size_t> betti_numbers(const std::vector<std::vector<std::uint32_t>>& facets, std::uint32_t field) {
  std::vector<std::size_t> betti;
  for (const Diagram& diagram : brute_force_persistence(closure(facets), 2, field)) betti.push_back(diagram.size());
  return betti;
}

using Betti = std::vector<std::size_t>;

const std::vector<std::vector<std::uint32_t>> projective_plane_6 = {{0, 1, 4}, {0, 1, 5}, {0, 2, 3}, {0, 2, 5}, {0, 3, 4},
                                                                    {1, 2, 3}, {1, 2, 4}, {1, 3, 5}, {2, 4, 5}, {3, 4, 5}};

std::vector<std::vector<std::uint32_t>> torus_7() {
  std::vector<std::vector<std::uint32_t>> facets;
  for (std::uint32_t i = 0; i < 7; ++i) {
    facets.push_back({i, (i + 1) % 7, (i + 3) % 7});
    facets.push_back({i, (i + 2) % 7, (i + 3) % 7});
  }
  return facets;
}

TEST(Oracle, ProjectivePlaneOnSixVerticesDependsOnTheField) {
  EXPECT_EQ(closure(projective_plane_6).size(), 6u + 15u + 10u);
  EXPECT_EQ(betti_numbers(projective_plane_6, 2), (Betti{1, 1, 1}));
  EXPECT_EQ(betti_numbers(projective_plane_6, 3), (Betti{1, 0, 0}));
  EXPECT_EQ(betti_numbers(projective_plane_6, 32749), (Betti{1, 0, 0}));
}

TEST(Oracle, TorusOnSevenVertices) {
  EXPECT_EQ(closure(torus_7()).size(), 7u + 21u + 14u);
  EXPECT_EQ(betti_numbers(torus_7(), 2), (Betti{1, 2, 1}));
  EXPECT_EQ(betti_numbers(torus_7(), 3), (Betti{1, 2, 1}));
}

TEST(Oracle, FiltrationValuesBecomeBars) {
  const FilteredComplex triangle = {{{0}, 0}, {{1}, 1}, {{2}, 0}, {{0, 1}, 2}, {{0, 2}, 3}, {{1, 2}, 5}, {{0, 1, 2}, 8}};
  EXPECT_EQ(brute_force_persistence(triangle, 1, 2), (Diagrams{{{0, 3}, {0, infinity}, {1, 2}}, {{5, 8}}}));
}

TEST(Oracle, RefusesACellWithoutItsFaces) {
  EXPECT_THROW(brute_force_persistence({{{0}, 0}, {{0, 1}, 1}}, 0, 2), std::invalid_argument);
}

}  // namespace
}  // namespace tda::test
