// SPDX-License-Identifier: Apache-2.0
//
// SimplexFrame: a simplex taken apart, so that the keys of all of its cofacets follow without sorting.
//
// For σ = e ∪ S and a vertex u, let {σ_i, u} be the longest edge of σ ∪ u. If it is longer than e, then σ ∪ u lies in the block of that edge, with
// the subset σ \ σ_i: one of |σ| numbers that are computed once. Otherwise σ ∪ u stays in the block of e with the subset S ∪ u: a prefix of S,
// u and the rest of S moved up by one place; |S| + 1 base values and one binomial. Cost: O(|σ|) look-ups to set up, O(1) for each cofacet.
#pragma once

#include <cstdint>

#include "complex/simplex_coder.hpp"
#include "simd/graph_kernels.hpp"

namespace tda::detail {

template <class Word>
class SimplexFrame {
 public:
  /// σ = edge ∪ S with |S| = subset_size and the given key; `low` < `high` are the vertices of the edge of that rank.
  void set(const SimplexCoder<Word>& coder, Word key, unsigned subset_size, std::uint32_t low, std::uint32_t high) {
    subset_size_ = subset_size;
    rank_ = coder.rank(key);
    coder.decode(coder.index(key), subset_size, vertices_);
    vertices_[subset_size] = low;
    vertices_[subset_size + 1] = high;
    set_tails(coder);
    set_bases(coder);
  }

  /// The vertices: S in order, then the two of the longest edge. The rows of Cofacet::row.
  const std::uint32_t* vertices() const noexcept { return vertices_; }
  unsigned size() const noexcept { return subset_size_ + 2; }
  std::uint32_t rank() const noexcept { return rank_; }

  Word cofacet_key(const SimplexCoder<Word>& coder, const Cofacet& cofacet) const noexcept {
    if (cofacet.row < size()) return coder.block(cofacet.rank) | tails_[cofacet.row];
    unsigned place = 0;
    while (place < subset_size_ && vertices_[place] < cofacet.vertex) ++place;
    return coder.key(rank_, bases_[place] + coder.binomial(cofacet.vertex, place + 1));
  }

  /// The coefficient of σ in the boundary of σ ∪ vertex is −1: an odd number of vertices of σ come before it.
  bool is_negative_in(std::uint32_t vertex) const noexcept {
    unsigned before = 0;
    for (unsigned i = 0; i < size(); ++i) before += vertices_[i] < vertex;
    return (before & 1) != 0;
  }

 private:
  void set_tails(const SimplexCoder<Word>& coder) noexcept {
    const unsigned count = size();
    // The vertices in order, with their rows: S is sorted already, the two others are put in.
    std::uint32_t sorted[max_simplex_size];
    unsigned row[max_simplex_size];
    for (unsigned i = 0; i < subset_size_; ++i) {
      sorted[i] = vertices_[i];
      row[i] = i;
    }
    for (unsigned i = subset_size_; i < count; ++i) {
      unsigned place = i;
      for (; place > 0 && sorted[place - 1] > vertices_[i]; --place) {
        sorted[place] = sorted[place - 1];
        row[place] = row[place - 1];
      }
      sorted[place] = vertices_[i];
      row[place] = i;
    }
    // index(σ \ sorted[j]): those before j keep their place, those after it move down by one.
    Word after = 0;
    for (unsigned j = 1; j < count; ++j) after += coder.binomial(sorted[j], j);
    Word before = 0;
    for (unsigned j = 0; j < count; ++j) {
      tails_[row[j]] = coder.tail(before + after);
      if (j + 1 == count) break;
      before += coder.binomial(sorted[j], j + 1);
      after -= coder.binomial(sorted[j + 1], j + 1);
    }
  }

  void set_bases(const SimplexCoder<Word>& coder) noexcept {
    Word after = 0;
    for (unsigned j = 0; j < subset_size_; ++j) after += coder.binomial(vertices_[j], j + 2);
    Word before = 0;
    for (unsigned j = 0; j <= subset_size_; ++j) {
      bases_[j] = before + after;
      if (j == subset_size_) break;
      before += coder.binomial(vertices_[j], j + 1);
      after -= coder.binomial(vertices_[j], j + 2);
    }
  }

  unsigned subset_size_ = 0;
  std::uint32_t rank_ = 0;
  std::uint32_t vertices_[max_simplex_size];
  Word tails_[max_simplex_size];
  Word bases_[max_simplex_size];
};

}  // namespace tda::detail
