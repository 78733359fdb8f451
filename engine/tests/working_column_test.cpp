// SPDX-License-Identifier: Apache-2.0
//
// The two ways to keep a working column behave alike: the same cofacets in the same order, the same combinations.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "reduction/bit_column.hpp"
#include "reduction/entry_column.hpp"
#include "support/inputs.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"

namespace tda::detail {
namespace {

using test::Random;
using Element = Entry<NarrowWord, FieldTwo>;

constexpr std::uint32_t vertex_count = 12;
constexpr std::uint32_t edge_count = 60;
constexpr unsigned dimension = 2;

std::uint64_t index_count(unsigned subset_size) { return subset_size == 1 ? vertex_count : vertex_count * (vertex_count - 1) / 2; }

NarrowWord random_key(const SimplexCoder<NarrowWord>& coder, unsigned subset_size, std::uint32_t begin, std::uint32_t end, Random& random) {
  return coder.key(begin + random.below(end - begin), random.below(static_cast<std::uint32_t>(index_count(subset_size))));
}

std::vector<NarrowWord> keys_of(std::span<const Element> entries) {
  std::vector<NarrowWord> keys;
  for (const Element& e : entries) keys.push_back(e.key);
  return keys;
}

TEST(WorkingColumn, BitsAndEntriesBehaveAlike) {
  Random random(41);
  Execution execution(0, nullptr);
  const SimplexCoder<NarrowWord> coder(execution.budget(), vertex_count, dimension, edge_count);
  ASSERT_TRUE(BitColumn<NarrowWord>::fits(vertex_count, edge_count, dimension, execution.budget()));
  EntryColumn<NarrowWord, FieldTwo> entries(FieldTwo(2), execution);
  BitColumn<NarrowWord> bits(coder, vertex_count, edge_count, dimension, execution);
  for (std::uint32_t k = 0; k < test::scaled_count(300); ++k) {
    const std::uint32_t birth = random.below(edge_count - 20);
    const std::vector<Element> first{{random_key(coder, 1, birth, birth + 1, random), {}}};
    std::uint32_t horizon = birth + 1 + random.below(10);
    entries.start(first, coder.block(birth), birth, horizon);
    bits.start(first, coder.block(birth), birth, horizon);
    NarrowWord least = coder.block(birth);
    for (std::uint32_t step = 0; step < 200; ++step) {
      if (random.chance(0.5)) {
        const Element simplex{random_key(coder, 1, birth, horizon, random), {}};
        entries.add_simplex(simplex);
        bits.add_simplex(simplex);
      }
      for (std::uint32_t added = random.below(8); added > 0; --added) {
        const Element cofacet{random_key(coder, 2, birth, horizon, random), {}};
        if (cofacet.key < least) continue;
        entries.add_cofacet(cofacet);
        bits.add_cofacet(cofacet);
      }
      const auto by_entries = entries.pop();
      const auto by_bits = bits.pop();
      ASSERT_EQ(by_entries.has_value(), by_bits.has_value());
      if (by_entries) {
        ASSERT_EQ(by_entries->key, by_bits->key);
        least = by_entries->key + 1;
        continue;
      }
      ASSERT_EQ(keys_of(entries.simplices()), keys_of(bits.simplices()));
      if (horizon + 10 > edge_count) break;
      const std::uint32_t from = horizon;
      horizon += 1 + random.below(9);
      entries.move_range(from, horizon);
      bits.move_range(from, horizon);
      least = coder.block(from);
    }
    ASSERT_EQ(keys_of(entries.simplices()), keys_of(bits.simplices()));
    ASSERT_EQ(entries.work(), bits.work());
  }
}

}  // namespace
}  // namespace tda::detail

namespace tda::test {
namespace {

/// The matrix with its points in another order.
Input relabelled(const Input& input, const std::vector<std::uint32_t>& order) {
  const auto distance = [&](std::uint64_t i, std::uint64_t j) { return input.values[i * (i - 1) / 2 + j]; };
  Input out = input;
  out.values.clear();
  for (std::uint32_t i = 0; i < input.rows; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) out.values.push_back(distance(std::max(order[i], order[j]), std::min(order[i], order[j])));
  }
  return out;
}

/// Large enough that columns fill up and are kept as bitsets: with representatives, without which there would be annotations instead.
TEST(WorkingColumn, ColumnsThatFillUpGiveTheDiagramOfAnyOrder) {
  Random random(42);
  const Input input = random_symmetric_input(90, random);
  ASSERT_EQ(input.kind, static_cast<std::uint32_t>(TDA_DISTANCES_LOWER));
  tda_rips_options options = rips_options(3);
  options.representatives = TDA_REPRESENTATIVES_SIMPLICES;
  const Outcome expected = compute(input, options);
  ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
  std::vector<std::uint32_t> order(90);
  for (std::uint32_t i = 0; i < 90; ++i) order[i] = i;
  for (std::uint32_t i = 89; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  EXPECT_TRUE(same_bytes(compute(relabelled(input, order), options).diagrams, expected.diagrams));
}

}  // namespace
}  // namespace tda::test
