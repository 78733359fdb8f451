// SPDX-License-Identifier: Apache-2.0
//
// Annotations, forwards in time, against the reduction of columns: the same pairs, and the same simplices as pivots.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "reduction/annotation_matrix.hpp"
#include "reduction/cohomology_run.hpp"
#include "simd/kernel_table.hpp"
#include "support/inputs.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"

namespace tda::detail {
namespace {

using test::Random;

/// Some of the pairs of vertices, in any order.
Edges random_edges(std::uint32_t vertex_count, double share, Random& random, Execution& execution) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t high = 1; high < vertex_count; ++high) {
    for (std::uint32_t low = 0; low < high; ++low) {
      if (random.chance(share)) pairs.emplace_back(low, high);
    }
  }
  for (std::uint32_t i = static_cast<std::uint32_t>(pairs.size()); i-- > 1;) std::swap(pairs[i], pairs[random.below(i + 1)]);
  RawVector<std::uint32_t> low(execution.budget());
  RawVector<std::uint32_t> high(execution.budget());
  for (const auto& [a, b] : pairs) {
    low.push_back(a);
    high.push_back(b);
  }
  return compact_edges(vertex_count, std::move(low), std::move(high), execution);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> sorted(const Vector<RankPair>& pairs) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  for (const RankPair& pair : pairs) out.emplace_back(pair.birth, pair.death);
  std::sort(out.begin(), out.end());
  return out;
}

/// Makes columns be reduced, however many there are.
template <class Word>
struct Onlooker final : PairObserver<Word, FieldTwo> {
  void observe(Word, std::optional<Word>, std::span<const Entry<Word, FieldTwo>>) override {}
};

/// Both reductions of all dimensions from 2 on; returns the pairs that were compared.
template <class Word>
std::size_t compare_reductions(const Edges& edges, unsigned max_dimension, Execution& execution) {
  Budget& budget = execution.budget();
  const DenseGraph graph(edges, *kernel_table(TDA_SIMD_AUTO), execution);
  const SimplexCoder<Word> coder(budget, edges.vertex_count, max_dimension, edges.count());
  const FieldTwo field(2);
  // No edge joins components: the forest's edges are columns, too, and never die in dimension 1. Dimension 2 and above do not care.
  const Vector<std::uint64_t> merging((edges.count() + 63) / 64, 0, budget);
  const CohomologyRequest request{.max_dimension = max_dimension, .prime = 2, .merging = merging, .representatives = nullptr};
  Vector<BlockColumns<Word, FieldTwo>> columns(budget);
  for (unsigned d = 0; d <= max_dimension; ++d) columns.emplace_back(budget);
  scan_blocks<DenseKind>(graph, coder, field, request, columns, execution);
  std::size_t compared = 0;
  Onlooker<Word> onlooker;
  for (unsigned d = 1; d <= max_dimension; ++d) {
    Vector<RankPair> expected(budget);
    const RawVector<Word> pivots = reduce_dimension<DenseKind>(graph, coder, field, d, columns[d], expected, &onlooker, execution);
    if (d >= 2) {
      Vector<RankPair> pairs(budget);
      const RawVector<Word> killers = AnnotationReducer<Word>(graph, coder, d, columns[d], execution).run(pairs);
      EXPECT_EQ(sorted(pairs), sorted(expected)) << "dimension " << d;
      EXPECT_TRUE(std::ranges::equal(killers, pivots)) << "dimension " << d;
      compared += pairs.size();
    }
    if (d < max_dimension) columns[d + 1].survivors.remove(pivots);
  }
  return compared;
}

TEST(Annotations, ArePairedAsTheColumnsAre) {
  Random random(61);
  Execution execution(0, nullptr);
  std::size_t compared = 0;
  for (std::uint32_t k = 0; k < test::scaled_count(400); ++k) {
    const double share = random.chance(0.5) ? 1 : 0.4 + 0.6 * random.uniform();
    const Edges edges = random_edges(random.between(6, 26), share, random, execution);
    if (edges.count() < 3) continue;
    const unsigned dimension = random.between(2, 5);
    compared += random.chance(0.2) ? compare_reductions<WideWord>(edges, dimension, execution)
                                   : compare_reductions<NarrowWord>(edges, dimension, execution);
  }
  EXPECT_GT(compared, test::scaled_count(400));
}

/// Rows of several words, substitutions that wait for others, columns that are squeezed out.
TEST(Annotations, ArePairedAsTheColumnsAreWithManyClasses) {
  Random random(62);
  Execution execution(0, nullptr);
  EXPECT_GT(compare_reductions<NarrowWord>(random_edges(64, 1, random, execution), 3, execution), 500u);
  // Many never die.
  EXPECT_GT(compare_reductions<NarrowWord>(random_edges(70, 0.4, random, execution), 3, execution), 500u);
}

/// Against a matrix in which every substitution is made at once and no column ever moves.
TEST(Annotations, TheMatrixSubstitutesEverywhere) {
  Random random(63);
  Execution execution(0, nullptr);
  const BitsetKernels& bits = kernel_table(TDA_SIMD_AUTO)->graph.bitset;
  for (std::uint32_t k = 0; k < test::scaled_count(20); ++k) {
    AnnotationMatrix matrix(bits, execution);
    std::vector<std::vector<bool>> rows;  // by the number of the class, which is its birth
    std::vector<bool> alive;
    const double death_rate = random.uniform();
    for (std::uint32_t step = 0; step < 300; ++step) {
      const std::uint32_t born = random.below(6);
      matrix.make_room(born);
      std::vector<std::uint32_t> columns;
      for (std::uint32_t i = 0; i < born; ++i) {
        columns.push_back(matrix.add_class(static_cast<std::uint32_t>(alive.size())));
        alive.push_back(true);
      }
      if (matrix.words() == 0) continue;
      const auto sum_of_rows = [&] {
        std::pair<std::vector<std::uint64_t>, std::vector<bool>> sum{std::vector<std::uint64_t>(matrix.words()), std::vector<bool>(alive.size())};
        for (int i = 0; i < 3 && !rows.empty(); ++i) {
          const std::uint32_t row = random.below(static_cast<std::uint32_t>(rows.size()));
          bits.flip(sum.first.data(), matrix.row(row), matrix.words());
          for (std::size_t c = 0; c < rows[row].size(); ++c) sum.second[c] = sum.second[c] != rows[row][c];
        }
        return sum;
      };
      for (const std::uint32_t column : columns) {
        auto [row, reference] = sum_of_rows();
        row[column / 64] ^= std::uint64_t{1} << (column % 64);
        reference[matrix.birth(column)] = !reference[matrix.birth(column)];
        std::copy(row.begin(), row.end(), matrix.add_row());
        rows.push_back(reference);
      }
      while (random.chance(death_rate)) {
        auto [relation, reference] = sum_of_rows();
        matrix.substitute(relation.data());
        const bool is_zero = std::ranges::all_of(relation, [](std::uint64_t w) { return w == 0; });
        const auto youngest = std::find(reference.rbegin(), reference.rend(), true);
        ASSERT_EQ(is_zero, youngest == reference.rend());
        if (is_zero) break;
        const auto number = static_cast<std::uint32_t>(reference.rend() - youngest - 1);
        ASSERT_EQ(matrix.birth(matrix.kill_youngest(relation.data())), number);
        alive[number] = false;
        for (auto& row : rows) {
          row.resize(alive.size());
          if (!row[number]) continue;
          for (std::size_t c = 0; c < reference.size(); ++c) row[c] = row[c] != reference[c];
        }
      }
      matrix.settle();
      ASSERT_EQ(matrix.classes_alive(), static_cast<std::uint32_t>(std::ranges::count(alive, true)));
    }
    std::vector<std::uint32_t> births;
    matrix.each_alive([&](std::uint32_t birth) { births.push_back(birth); });
    std::vector<std::uint32_t> expected;
    for (std::uint32_t c = 0; c < alive.size(); ++c) {
      if (alive[c]) expected.push_back(c);
    }
    ASSERT_EQ(births, expected);
  }
}

}  // namespace
}  // namespace tda::detail

namespace tda::test {
namespace {

/// Large enough for annotations. Representatives need columns, whose diagram is the same.
TEST(Annotations, ManyClassesHaveTheDiagramOfTheColumns) {
  Random random(64);
  for (const double threshold : {infinity, 0.45}) {
    const Input input = random_symmetric_input(84, random);
    tda_rips_options options = rips_options(3, threshold);
    options.edge_collapse = TDA_COLLAPSE_OFF;
    const Outcome outcome = compute(input, options);
    options.representatives = TDA_REPRESENTATIVES_SIMPLICES;
    const Outcome expected = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << threshold;
  }
}

}  // namespace
}  // namespace tda::test
