// SPDX-License-Identifier: Apache-2.0
//
// Birth and death simplices, cocycles and cycles against naive reductions in the documented order, and against what they promise.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/inputs.hpp"
#include "support/representatives.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t shards = 4;
constexpr std::uint32_t cases_per_shard = 2'000;
constexpr std::uint32_t fields[] = {2, 3, 17};
/// By max_dimension.
constexpr std::uint32_t largest_size[] = {14, 12, 10, 9};

struct Case {
  DistanceMatrix matrix;
  tda_rips_options options;
  Input input;
  std::string text;
};

/// Ties, missing edges, births, thresholds that leave essential classes, several components, every kind of input.
Case draw_case(std::uint64_t seed, std::uint32_t kind) {
  Random random(seed);
  const std::uint32_t max_dimension = random.below(4);
  const std::uint32_t size = random.below(largest_size[max_dimension] + 1);
  DistanceMatrix matrix(size);
  const double missing = random.pick({0.0, 0.0, 0.15, 0.4});
  const std::uint32_t style = random.below(4);
  std::vector<double> angle(size);
  for (double& a : angle) a = random.uniform() * 6.283185307179586;
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      double value = style == 0 ? random.between(0, 4) : random.uniform();
      if (style == 2) value = std::abs(std::sin((angle[i] - angle[j]) / 2));
      // Opposite vertices of a cross-polytope: spheres of higher dimension.
      if (style == 3 && i == j + 1 && j % 2 == 0) value = random.pick({2.0, infinity});
      matrix.set(i, j, random.chance(style == 3 ? 0 : missing) ? infinity : value);
    }
  }
  if (random.chance(0.3)) {
    for (std::uint32_t i = 0; i < size; ++i) {
      double shortest = infinity;
      for (std::uint32_t j = 0; j < size; ++j)
        if (j != i) shortest = std::min(shortest, matrix.at(i, j));
      if (random.chance(0.5)) matrix.set(i, i, shortest == infinity ? random.uniform() : shortest * random.pick({0.5, 1.0}));
    }
  }
  double threshold = infinity;
  if (size > 1 && random.chance(0.6)) {
    const std::uint32_t i = random.between(1, size - 1);
    threshold = matrix.at(i, random.below(i));
  }
  tda_rips_options options = rips_options(max_dimension, threshold, random.pick(fields));
  options.representatives = kind;
  options.simd_target = random.pick(std::span<const std::uint32_t>(available_simd_targets()));
  const Input input = random.chance(0.5) ? full_input(matrix) : sparse_input(matrix, TDA_FLOAT64, random);
  return {matrix, options, input, "\nseed " + std::to_string(seed) + to_string(input, options)};
}

/// The complex that the engine looks at: with its own threshold, which is at most the enclosing radius.
OrderedComplex complex_of(const Case& c, const Outcome& outcome) {
  return OrderedComplex(c.matrix, c.options.max_dimension + 1, std::min(c.options.threshold, outcome.statistics.threshold));
}

class RepresentativeComparison : public testing::TestWithParam<std::uint32_t> {
 protected:
  template <class Check>
  void each_case(std::uint32_t kind, Check check) {
    for (std::uint32_t k = 0; k < scaled_count(cases_per_shard); ++k) {
      const Case c = draw_case(std::uint64_t{GetParam()} << 32 | k, kind);
      const RepresentativeOutcome got = compute_representatives(c.input, c.options);
      ASSERT_EQ(got.outcome.status, TDA_OK) << got.outcome.error.message << c.text;
      tda_rips_options plain = c.options;
      plain.representatives = TDA_REPRESENTATIVES_NONE;
      ASSERT_TRUE(same_bytes(got.outcome.diagrams, compute(c.input, plain).diagrams)) << c.text;
      check(c, complex_of(c, got.outcome), got);
      if (HasFatalFailure()) return;
    }
  }
};

void expect_bars(const Case& c, const OrderedComplex& complex, const RepresentativeOutcome& got) {
  for (std::size_t k = 0; k < got.representatives.size(); ++k) {
    for (std::size_t i = 0; i < got.representatives[k].size(); ++i) {
      const Representative& one = got.representatives[k][i];
      const Bar bar = got.outcome.diagrams[k][i];
      ASSERT_EQ(complex.value(one.birth), bar.birth) << c.text;
      ASSERT_EQ(one.death.empty() ? infinity : complex.value(one.death), bar.death) << c.text;
    }
  }
}

TEST_P(RepresentativeComparison, SimplicesAreThoseOfTheNaiveReduction) {
  each_case(TDA_REPRESENTATIVES_SIMPLICES, [](const Case& c, const OrderedComplex& complex, const RepresentativeOutcome& got) {
    Representatives expected = naive_representatives(complex, c.options.max_dimension, c.options.coefficient_field);
    for (auto& dimension : expected)
      for (Representative& one : dimension) one.chain.clear();
    ASSERT_EQ(got.representatives, expected) << to_string(got.representatives) << "\nexpected" << to_string(expected) << c.text;
    expect_bars(c, complex, got);
  });
}

TEST_P(RepresentativeComparison, CocyclesAreThoseOfTheNaiveReductionAndVanishBelowDeath) {
  each_case(TDA_REPRESENTATIVES_COCYCLES, [](const Case& c, const OrderedComplex& complex, const RepresentativeOutcome& got) {
    const std::uint32_t p = c.options.coefficient_field;
    Representatives expected = naive_representatives(complex, c.options.max_dimension, p);
    for (Representative& one : expected[0]) one.chain.clear();
    ASSERT_EQ(got.representatives, expected) << to_string(got.representatives) << "\nexpected" << to_string(expected) << c.text;
    expect_bars(c, complex, got);
    for (std::uint32_t k = 1; k < got.representatives.size(); ++k) {
      for (const Representative& one : got.representatives[k]) {
        const double death = one.death.empty() ? infinity : complex.value(one.death);
        const std::map<Simplex, std::uint32_t> cocycle(one.chain.begin(), one.chain.end());
        ASSERT_EQ(one.chain.front(), std::pair(one.birth, 1u)) << c.text;
        for (const Simplex& simplex : complex.simplices(k + 1)) {
          if (complex.value(simplex) >= death) continue;
          std::uint64_t sum = 0;
          for (std::size_t i = 0; i < simplex.size(); ++i) {
            Simplex facet = simplex;
            facet.erase(facet.begin() + static_cast<std::ptrdiff_t>(i));
            const auto found = cocycle.find(facet);
            if (found != cocycle.end()) sum += i % 2 == 0 ? found->second : p - found->second;
          }
          ASSERT_EQ(sum % p, 0u) << c.text;
        }
      }
    }
  });
}

/// Σ cocycle(σ) · cycle(σ)
std::uint32_t pairing(const Chain& cocycle, const Chain& cycle, std::uint32_t p) {
  const std::map<Simplex, std::uint32_t> values(cocycle.begin(), cocycle.end());
  std::uint64_t sum = 0;
  for (const auto& [simplex, coefficient] : cycle) {
    const auto found = values.find(simplex);
    if (found != values.end()) sum += std::uint64_t{found->second} * coefficient;
  }
  return static_cast<std::uint32_t>(sum % p);
}

/// The length of a shortest way between the ends of an edge by earlier edges, by Floyd's and Warshall's method.
double shortest_way(const OrderedComplex& complex, std::uint32_t size, const Simplex& edge) {
  std::vector<double> way(std::size_t{size} * size, infinity);
  for (std::uint32_t v = 0; v < size; ++v) way[v * size + v] = 0;
  for (std::uint32_t r = 0; r < complex.place(edge); ++r) {
    const Simplex& e = complex.simplices(1)[r];
    way[e[0] * size + e[1]] = way[e[1] * size + e[0]] = complex.value(e);
  }
  for (std::uint32_t v = 0; v < size; ++v)
    for (std::uint32_t a = 0; a < size; ++a)
      for (std::uint32_t b = 0; b < size; ++b) way[a * size + b] = std::min(way[a * size + b], way[a * size + v] + way[v * size + b]);
  return way[edge[0] * size + edge[1]];
}

void expect_loop(const Case& c, const OrderedComplex& complex, const Representative& one, std::uint32_t p) {
  const std::size_t count = one.chain.size();
  ASSERT_EQ(one.loop.size(), count) << c.text;
  ASSERT_EQ(one.chain.front().first, one.birth) << c.text;
  ASSERT_EQ(one.loop[0], one.birth[0]) << c.text;
  std::vector<std::uint32_t> visited = one.loop;
  std::ranges::sort(visited);
  ASSERT_EQ(std::ranges::adjacent_find(visited), visited.end()) << c.text;
  double length = 0;
  for (std::size_t j = 0; j < count; ++j) {
    const std::uint32_t from = one.loop[j];
    const std::uint32_t to = one.loop[(j + 1) % count];
    ASSERT_EQ(one.chain[j].first, (Simplex{std::min(from, to), std::max(from, to)})) << c.text;
    ASSERT_EQ(one.chain[j].second, from < to ? 1 : p - 1) << c.text;
    if (j > 0) length += complex.value(one.chain[j].first);
  }
  ASSERT_NEAR(length, shortest_way(complex, c.matrix.size(), one.birth), 1e-12 * static_cast<double>(count)) << c.text;
}

TEST_P(RepresentativeComparison, CyclesAreBornWithTheirBarAndPairWithItsCocycle) {
  each_case(TDA_REPRESENTATIVES_CYCLES, [](const Case& c, const OrderedComplex& complex, const RepresentativeOutcome& got) {
    const std::uint32_t p = c.options.coefficient_field;
    expect_bars(c, complex, got);
    const Representatives naive = naive_representatives(complex, c.options.max_dimension, p);
    for (std::uint32_t k = 1; k < got.representatives.size(); ++k) {
      const auto columns = reduce_boundaries(complex, k, p);
      ASSERT_EQ(got.representatives[k].size(), naive[k].size()) << c.text;
      for (std::size_t i = 0; i < naive[k].size(); ++i) {
        const Representative& one = got.representatives[k][i];
        ASSERT_EQ(one.birth, naive[k][i].birth) << c.text;
        ASSERT_EQ(one.death, naive[k][i].death) << c.text;
        ASSERT_EQ(one.chain.front(), std::pair(one.birth, 1u)) << c.text;
        ASSERT_TRUE(boundary(complex, one.chain, p).empty()) << to_string(got.representatives) << c.text;
        SparseVector cycle;
        for (const auto& [simplex, coefficient] : one.chain) {
          ASSERT_TRUE(coefficient >= 1 && coefficient < p) << c.text;
          ASSERT_LE(complex.place(simplex), complex.place(one.birth)) << c.text;
          ASSERT_TRUE(cycle.emplace(complex.place(simplex), coefficient).second) << c.text;
        }
        ASSERT_NE(pairing(naive[k][i].chain, one.chain, p), 0u) << c.text;
        if (k == 1) {
          expect_loop(c, complex, one, p);
          if (testing::Test::HasFatalFailure()) return;
          continue;
        }
        // Dies with the bar, and not before.
        const std::uint32_t death = one.death.empty() ? UINT32_MAX : complex.place(one.death);
        ASSERT_FALSE(remainder(cycle, columns, death, p).empty()) << c.text;
        if (!one.death.empty()) {
          ASSERT_TRUE(remainder(cycle, columns, death + 1, p).empty()) << to_string(got.representatives) << c.text;
        }
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Shard, RepresentativeComparison, testing::Range(0u, shards));

/// Ripserer's case: consecutive points of a loop at 1.1, 1, 1, 1, 1.2, all others at 2.
DistanceMatrix five_points_on_a_loop() {
  DistanceMatrix matrix(5);
  for (std::uint32_t i = 0; i < 5; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, 2);
  const double steps[] = {1.1, 1, 1, 1, 1.2};
  for (std::uint32_t i = 0; i < 5; ++i) matrix.set(i, (i + 1) % 5, steps[i]);
  return matrix;
}

TEST(Representatives, TheCocycleOfALoopEvaluatesToOneOnIt) {
  const DistanceMatrix matrix = five_points_on_a_loop();
  tda_rips_options options = rips_options(1, infinity, 17);
  options.representatives = TDA_REPRESENTATIVES_COCYCLES;
  const RepresentativeOutcome got = compute_representatives(full_input(matrix), options);
  ASSERT_EQ(got.outcome.diagrams[1], (Diagram{{1.2, 2}}));
  std::int64_t sum = 0;
  for (const auto& [edge, coefficient] : got.representatives[1][0].chain) {
    const std::int64_t lift = coefficient > 8 ? std::int64_t{coefficient} - 17 : coefficient;
    if (edge[1] == edge[0] + 1) sum += lift;
    if (edge == Simplex{0, 4}) sum -= lift;
  }
  EXPECT_EQ(std::abs(sum), 1);
}

TEST(Representatives, TheCycleOfALoopIsTheLoop) {
  tda_rips_options options = rips_options(1, infinity, 17);
  options.representatives = TDA_REPRESENTATIVES_CYCLES;
  const RepresentativeOutcome got = compute_representatives(full_input(five_points_on_a_loop()), options);
  ASSERT_EQ(got.representatives[1].size(), 1u);
  EXPECT_EQ(got.representatives[1][0].loop, (std::vector<std::uint32_t>{0, 4, 3, 2, 1}));
}

/// Distances are distinct, so that births are edges whatever the points are called; higher simplices share their longest edge, and then names count.
TEST(Representatives, RelabelledPointsGiveRelabelledSimplicesAndLoops) {
  Random random(5);
  for (std::uint32_t k = 0; k < scaled_count(200); ++k) {
    const std::uint32_t size = random.between(4, 14);
    DistanceMatrix matrix(size);
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.uniform());
    std::vector<std::uint32_t> order(size);
    for (std::uint32_t i = 0; i < size; ++i) order[i] = i;
    random.shuffle(order);
    tda_rips_options options = rips_options(1);
    options.representatives = TDA_REPRESENTATIVES_CYCLES;
    const Representatives plain = compute_representatives(full_input(matrix), options).representatives;
    const Representatives renamed = compute_representatives(full_input(permuted(matrix, order)), options).representatives;
    const auto named = [&](Simplex simplex) {
      for (std::uint32_t& v : simplex) v = order[v];
      std::ranges::sort(simplex);
      return simplex;
    };
    ASSERT_EQ(plain[1].size(), renamed[1].size());
    for (std::size_t i = 0; i < plain[1].size(); ++i) {
      Simplex loop = plain[1][i].loop;
      std::ranges::sort(loop);
      ASSERT_EQ(plain[1][i].birth, named(renamed[1][i].birth)) << k;
      ASSERT_EQ(loop, named(renamed[1][i].loop)) << k;
    }
  }
}

/// Larger inputs: the tree of neighbours renumbers points, isolated ones are left out, matrices and lists must agree.
TEST(Representatives, EveryTargetAndGraphGivesTheSameBytes) {
  Random random(11);
  for (const double threshold : {0.25, infinity}) {
    const Input input = uniform_points_input(threshold < 1 ? 600 : 90, 3, random);
    for (const std::uint32_t kind : {TDA_REPRESENTATIVES_SIMPLICES, TDA_REPRESENTATIVES_COCYCLES, TDA_REPRESENTATIVES_CYCLES}) {
      tda_rips_options options = rips_options(2, threshold, 3);
      options.representatives = kind;
      const RepresentativeOutcome first = compute_representatives(input, options);
      ASSERT_EQ(first.outcome.status, TDA_OK);
      for (const std::uint32_t target : available_simd_targets()) {
        for (const std::uint32_t threads : {1u, 3u}) {
          options.simd_target = target;
          options.threads = threads;
          ASSERT_TRUE(compute_representatives(input, options).representatives == first.representatives) << target << ' ' << kind;
        }
      }
    }
  }
}

/// A cluster of 17 points beside a circle of 111: simplices up to dimension 14 need keys of more than 64 bits.
TEST(Representatives, WideKeysGiveWhatNarrowOnesGive) {
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < 111; ++i) {
    const double angle = 6.283185307179586 * i / 111;
    points.push_back({std::cos(angle), std::sin(angle)});
  }
  for (std::uint32_t i = 0; i < 17; ++i) points.push_back({10, 0.001 * i});
  for (const std::uint32_t kind : {TDA_REPRESENTATIVES_SIMPLICES, TDA_REPRESENTATIVES_COCYCLES, TDA_REPRESENTATIVES_CYCLES}) {
    tda_rips_options options = rips_options(14, 0.06, 3);
    options.representatives = kind;
    const Representatives wide = compute_representatives(points_input(points), options).representatives;
    options.max_dimension = 1;
    const Representatives narrow = compute_representatives(points_input(points), options).representatives;
    ASSERT_EQ(narrow[1].size(), 1u);
    ASSERT_TRUE(wide[0] == narrow[0] && wide[1] == narrow[1]) << kind;
  }
}

/// On points of a circle, whatever their order and however many stand alone, the loop goes once around.
TEST(Representatives, VerticesAreRowsOfTheInput) {
  Random random(3);
  const std::uint32_t around = 24;
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < 400; ++i) points.push_back({100.0 + 10 * i, -500});
  std::vector<std::uint32_t> rows(400);
  for (std::uint32_t i = 0; i < 400; ++i) rows[i] = i;
  random.shuffle(rows);
  for (std::uint32_t i = 0; i < around; ++i) {
    const double angle = 6.283185307179586 * i / around;
    points[rows[i]] = {std::cos(angle), std::sin(angle)};
  }
  tda_rips_options options = rips_options(1, 1.0);
  options.representatives = TDA_REPRESENTATIVES_CYCLES;
  const RepresentativeOutcome got = compute_representatives(points_input(points), options);
  ASSERT_EQ(got.representatives[1].size(), 1u);
  Simplex loop = got.representatives[1][0].loop;
  std::ranges::sort(loop);
  Simplex expected(rows.begin(), rows.begin() + around);
  std::ranges::sort(expected);
  EXPECT_EQ(loop, expected);
}

/// An octahedron is a sphere of eight triangles: shortening finds them among longer ones.
TEST(Representatives, ASphereIsCutDownToItsTightestCycle) {
  Random random(9);
  const Input input = sphere_points_input(40, 3, random);
  tda_rips_options options = rips_options(2);
  options.representatives = TDA_REPRESENTATIVES_CYCLES;
  const RepresentativeOutcome got = compute_representatives(input, options);
  ASSERT_FALSE(got.representatives[2].empty());
  std::size_t longest = 0;
  for (std::size_t i = 0; i < got.outcome.diagrams[2].size(); ++i) {
    const auto length = [&](std::size_t j) { return got.outcome.diagrams[2][j].death - got.outcome.diagrams[2][j].birth; };
    if (length(i) > length(longest)) longest = i;
  }
  // A closed surface has an even number of triangles, each edge in two of them over Z/2 an even number of times.
  const Chain& cycle = got.representatives[2][longest].chain;
  EXPECT_GE(cycle.size(), 8u);
  EXPECT_EQ(cycle.size() % 2, 0u);
}

TEST(Representatives, TheViewRefusesWhatItDoesNotKnow) {
  tda_rips_options options = rips_options(1);
  options.representatives = TDA_REPRESENTATIVES_SIMPLICES;
  tda_result* result = nullptr;
  const Input points = points_input({{0.0}, {1.0}});
  BorrowedInput borrowed(points);
  ASSERT_EQ(tda_vietoris_rips(borrowed.get(), &options, nullptr, &result, nullptr), TDA_OK);
  tda_representatives_view view{};
  EXPECT_EQ(tda_result_representatives(result, 0, &view), TDA_ERROR_NULL_ARGUMENT);
  view.struct_size = sizeof view;
  EXPECT_EQ(tda_result_representatives(nullptr, 0, &view), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_result_representatives(result, 0, nullptr), TDA_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(tda_result_representatives(result, 2, &view), TDA_ERROR_INVALID_DIMENSION);
  EXPECT_EQ(tda_result_representatives(result, 0, &view), TDA_OK);
  EXPECT_EQ(view.bar_count, 2u);
  EXPECT_EQ(view.loop_vertices, nullptr);
  tda_result_free(result);
}

}  // namespace
}  // namespace tda::test
