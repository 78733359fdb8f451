// SPDX-License-Identifier: Apache-2.0
#include "distance/simplex_sampling.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace tda::detail {
namespace {

constexpr std::uint32_t least_sample = 16;
constexpr std::uint32_t most_sample = 256;
constexpr std::uint64_t row_budget = std::uint64_t{1} << 27;

constexpr std::uint32_t local_points = 512;
constexpr std::size_t local_words = local_points / 64;
// Word operations of one depth-first count: about a millisecond.
constexpr std::uint64_t local_budget = std::uint64_t{1} << 20;
constexpr std::uint32_t descents = 512;

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

  /// count[k] = cliques of k vertices, 1 <= k <= most. False: that would take too long.
  bool count_cliques(unsigned most, Counts& count) {
    work_ = 0;
    count = {};
    return descend(all_, 1, most, count);
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
        if (++work_ * local_words > local_budget) return false;
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
  std::uint64_t work_ = 0;
};

}  // namespace

SimplexCounts sample_simplices(NeighbourhoodSource& source, unsigned max_dimension, Execution& execution) {
  const std::uint32_t n = source.count();
  SimplexCounts result{.exact = true};
  result.count[0] = n;
  if (n == 0 || max_dimension == 0) return result;

  const std::uint64_t affordable = row_budget / std::max<std::uint64_t>(source.row_work(), 1);
  const auto sample = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(n, std::clamp<std::uint64_t>(affordable, least_sample, most_sample)));
  result.exact = sample == n;

  execution.begin_stage(TDA_STAGE_EDGES, 0, sample, 1);
  Random random;
  RawVector<std::uint32_t> points(execution.budget());
  points.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) points[i] = i;
  if (sample < n) draw(points, sample, random);

  RawVector<std::uint32_t> neighbours(execution.budget());
  LocalGraph local(execution.budget());
  for (std::uint32_t s = 0; s < sample; ++s) {
    source.neighbours(points[s], neighbours);
    execution.set_columns_done(s);
    execution.poll(source.row_work());
    const auto degree = static_cast<std::uint32_t>(neighbours.size());
    result.joined_points += degree != 0 ? 1 : 0;
    const std::uint32_t size = std::min(degree, local_points);
    if (size < degree) {
      result.exact = false;
      draw(neighbours, size, random);
    }
    local.load(source, {neighbours.data(), size});
    execution.poll(std::uint64_t{size} * size);
    Counts cliques;
    if (!local.count_cliques(max_dimension, cliques)) {
      result.exact = false;
      local.estimate_cliques(max_dimension, cliques, random);
    }
    execution.poll(local_budget);
    double subsets = 1;  // how many times as many k-subsets the whole neighbourhood has
    for (unsigned k = 1; k <= max_dimension; ++k) {
      if (k <= size) subsets *= static_cast<double>(degree - k + 1) / (size - k + 1);
      result.count[k] += cliques[k] * subsets / (k + 1);
    }
  }
  const double scale = static_cast<double>(n) / sample;
  result.joined_points *= scale;
  for (unsigned k = 1; k <= max_dimension; ++k) result.count[k] *= scale;
  return result;
}

}  // namespace tda::detail
