// SPDX-License-Identifier: Apache-2.0
#include "distance/simplex_sampling.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace tda::detail {
namespace {

// Rows of distances for the edges: an error near 1/16 of the spread of the degrees.
constexpr std::uint32_t least_rows = 16;
constexpr std::uint32_t most_rows = 256;
constexpr std::uint64_t row_budget = std::uint64_t{1} << 27;

constexpr std::uint32_t local_points = 256;
constexpr std::size_t local_words = local_points / 64;
constexpr std::uint32_t least_neighbourhoods = 4;
constexpr std::uint32_t descents = 64;

/// Pairs and words that all neighbourhoods together may take: a small part of the work of the run itself, at most about 2 ms.
std::uint64_t neighbourhood_budget(std::uint64_t points) {
  return std::clamp<std::uint64_t>(points * points / 16, std::uint64_t{1} << 14, std::uint64_t{1} << 21);
}

using Counts = std::array<double, TDA_ESTIMATE_DIMENSIONS>;
using Set = std::array<std::uint64_t, local_words>;

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers with every standard library.
class Random {
 public:
  std::uint32_t below(std::uint32_t bound) noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    return static_cast<std::uint32_t>((z >> 32) * bound >> 32);
  }

 private:
  std::uint64_t state_ = 2021;
};

/// Moves `count` random items to the front.
void draw(RawVector<std::uint32_t>& items, std::uint32_t count, Random& random) {
  for (std::uint32_t i = 0; i < count; ++i)
    std::swap(items[i], items[i + random.below(static_cast<std::uint32_t>(items.size()) - i)]);
}

std::uint32_t size_of(const Set& set) noexcept {
  std::uint32_t size = 0;
  for (const std::uint64_t word : set) size += static_cast<std::uint32_t>(std::popcount(word));
  return size;
}

/// The graph on some neighbours of a point, and the cliques in it.
class LocalGraph {
 public:
  explicit LocalGraph(Budget& budget) : rows_(budget) { rows_.resize(local_points * local_words); }

  void load(NeighbourhoodSource& source, std::span<const std::uint32_t> points) {
    std::ranges::fill(rows_, 0);
    source.adjacency(points, rows_.data(), local_words);
    size_ = static_cast<std::uint32_t>(points.size());
    all_ = {};
    for (std::uint32_t i = 0; i < size_; ++i) all_[i / 64] |= std::uint64_t{1} << (i % 64);
  }

  /// count[k] = cliques of k vertices, 1 <= k <= most. False: that takes more than `budget` words.
  bool count_cliques(unsigned most, std::uint64_t budget, Counts& count) {
    left_ = budget;
    count = {};
    return descend(all_, 1, most, count);
  }

  /// How many of the points are, with the point that all of them are joined to, a dominated edge: some common neighbour is joined to all others.
  std::uint32_t count_dominated() const {
    std::uint32_t dominated = 0;
    for (std::uint32_t i = 0; i < size_; ++i) {
      bool found = false;
      for (std::size_t w = 0; w < local_words && !found; ++w) {
        for (std::uint64_t bits = row(i)[w]; bits != 0 && !found; bits &= bits - 1)
          found = covers(static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(bits)), i);
      }
      dominated += found ? 1 : 0;
    }
    return dominated;
  }

  /// The same by random descents.
  void estimate_cliques(unsigned most, Counts& count, Random& random) const {
    count = {};
    if (size_ == 0) return;
    for (std::uint32_t descent = 0; descent < descents; ++descent) {
      Set candidates = all_;
      std::uint32_t choices = size_;
      double product = 1;
      for (unsigned k = 1; k <= most && choices != 0; ++k) {
        product *= static_cast<double>(choices) / k;
        count[k] += product / descents;
        const std::uint32_t chosen = member(candidates, random.below(choices));
        for (std::size_t w = 0; w < local_words; ++w) candidates[w] &= row(chosen)[w];
        choices = size_of(candidates);
      }
    }
  }

 private:
  const std::uint64_t* row(std::uint32_t i) const noexcept { return rows_.data() + i * local_words; }

  /// Is u joined to every other neighbour of i?
  bool covers(std::uint32_t u, std::uint32_t i) const noexcept {
    for (std::size_t w = 0; w < local_words; ++w) {
      const std::uint64_t self = w == u / 64 ? std::uint64_t{1} << (u % 64) : 0;
      if ((row(i)[w] & ~(row(u)[w] | self)) != 0) return false;
    }
    return true;
  }

  static std::uint32_t member(const Set& set, std::uint32_t number) noexcept {
    std::size_t w = 0;
    for (auto in_word = static_cast<std::uint32_t>(std::popcount(set[0])); number >= in_word;
         in_word = static_cast<std::uint32_t>(std::popcount(set[w]))) {
      number -= in_word;
      ++w;
    }
    std::uint64_t bits = set[w];
    for (; number != 0; --number) bits &= bits - 1;
    return static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(bits));
  }

  // `candidates` extend a clique of k - 1 vertices, from above its greatest one.
  bool descend(const Set& candidates, unsigned k, unsigned most, Counts& count) {
    count[k] += size_of(candidates);
    if (k == most) return true;
    for (std::size_t w = 0; w < local_words; ++w) {
      for (std::uint64_t bits = candidates[w]; bits != 0; bits &= bits - 1) {
        if (left_ < local_words) return false;
        left_ -= local_words;
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
        const std::uint64_t* neighbours = row(static_cast<std::uint32_t>(64 * w) + bit);
        Set next{};
        // Bits above `bit`; shifted twice, since a shift by 64 is undefined.
        next[w] = candidates[w] & neighbours[w] & (~std::uint64_t{0} << bit << 1);
        for (std::size_t v = w + 1; v < local_words; ++v) next[v] = candidates[v] & neighbours[v];
        if (!descend(next, k + 1, most, count)) return false;
      }
    }
    return true;
  }

  RawVector<std::uint64_t> rows_;
  Set all_{};
  std::uint32_t size_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace

SimplexCounts sample_simplices(NeighbourhoodSource& source, unsigned max_dimension, bool edges_known, Execution& execution) {
  const std::uint32_t n = source.count();
  SimplexCounts result{.exact = true};
  result.count[0] = n;
  if (n == 0 || max_dimension == 0) return result;

  const std::uint64_t affordable = row_budget / std::max<std::uint64_t>(source.row_work(), 1);
  const auto rows =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(n, std::clamp<std::uint64_t>(affordable, least_rows, most_rows)));
  execution.begin_stage(TDA_STAGE_EDGES, 0, rows, 1);
  Random random;
  RawVector<std::uint32_t> points(execution.budget());
  points.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) points[i] = i;
  if (rows < n) draw(points, rows, random);

  const std::uint64_t budget = neighbourhood_budget(n);
  std::uint64_t used = 0;
  std::uint64_t looked_at = 0;
  std::uint64_t dominated = 0;
  std::uint32_t seen_rows = 0;
  std::uint32_t seen_neighbourhoods = 0;
  RawVector<std::uint32_t> neighbours(execution.budget());
  LocalGraph local(execution.budget());
  for (; seen_rows < rows; ++seen_rows) {
    const bool look_inside = used < budget || seen_neighbourhoods < least_neighbourhoods;
    if (edges_known && !look_inside) break;
    source.neighbours(points[seen_rows], neighbours);
    execution.set_columns_done(seen_rows);
    execution.poll(source.row_work());
    const auto degree = static_cast<std::uint32_t>(neighbours.size());
    result.joined_points += degree != 0 ? 1 : 0;
    result.count[1] += 0.5 * degree;
    if (max_dimension < 2 || !look_inside) continue;

    ++seen_neighbourhoods;
    const std::uint32_t size = std::min(degree, local_points);
    if (size < degree) {
      result.exact = false;
      draw(neighbours, size, random);
    }
    local.load(source, {neighbours.data(), size});
    looked_at += size;
    dominated += local.count_dominated();
    Counts cliques;
    if (!local.count_cliques(max_dimension, budget / 16, cliques)) {
      result.exact = false;
      local.estimate_cliques(max_dimension, cliques, random);
    }
    const std::uint64_t work = std::uint64_t{size} * size + descents * max_dimension * local_words;
    used += work;
    execution.poll(work + budget / 16);
    double subsets = 1;  // how many times as many k-subsets the whole neighbourhood has
    for (unsigned k = 1; k <= max_dimension; ++k) {
      if (k <= size) subsets *= static_cast<double>(degree - k + 1) / (size - k + 1);
      if (k > 1) result.count[k] += cliques[k] * subsets / (k + 1);
    }
  }
  const double by_row = static_cast<double>(n) / seen_rows;
  const double by_neighbourhood = static_cast<double>(n) / std::max(seen_neighbourhoods, 1u);
  result.joined_points *= by_row;
  result.count[1] *= by_row;
  for (unsigned k = 2; k <= max_dimension; ++k) result.count[k] *= by_neighbourhood;
  if (looked_at != 0) result.dominated_share = static_cast<double>(dominated) / static_cast<double>(looked_at);
  result.exact = result.exact && seen_rows == n && (max_dimension < 2 || seen_neighbourhoods == n);
  return result;
}

}  // namespace tda::detail
