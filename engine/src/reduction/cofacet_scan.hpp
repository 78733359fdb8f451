// SPDX-License-Identifier: Apache-2.0
//
// CofacetScan: the coboundary of a simplex, as entries with keys, for a range of ranks.
//
// Cost: one search of the graph, O(1) for each cofacet. Memory: one array of n cofacets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "complex/simplex_coder.hpp"
#include "complex/simplex_frame.hpp"
#include "exec/execution.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

/// Does an odd number of the vertices come before `vertex`? Only where the field has signs.
template <class Field>
bool has_negative_sign(const std::uint32_t* vertices, unsigned count, std::uint32_t vertex) noexcept {
  if constexpr (!Field::has_signs) return false;
  unsigned before = 0;
  for (unsigned i = 0; i < count; ++i) before += vertices[i] < vertex;
  return (before & 1) != 0;
}

template <class Graph, class Search, class Word>
class CofacetScan {
 public:
  /// For simplices of `dimension`.
  CofacetScan(const Graph& graph, const SimplexCoder<Word>& coder, unsigned dimension, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        subset_size_(dimension - 1),
        execution_(&execution),
        search_(graph, execution),
        cofacets_(execution.budget()) {
    cofacets_.resize(graph.edges().vertex_count);
  }

  Search& search() noexcept { return search_; }

  /// Calls visit(entry) for coefficient · the cofacets of the simplex of rank from … end − 1 whose key is at least `least`, but some of those that are the
  /// earlier part of an apparent pair. Returns how many cofacets there were. Precondition: the simplex's own rank is below `end`.
  template <class Field, class Visit>
  std::size_t scan(const Field& field, Word simplex, typename Field::Value coefficient, std::uint32_t from, std::uint32_t end, Word least,
                   Visit visit) {
    const std::uint32_t rank = coder_->rank(simplex);
    frame_.set(*coder_, simplex, subset_size_, graph_->edges().low[rank], graph_->edges().high[rank]);
    const std::size_t count = search_.cofacets(frame_.vertices(), frame_.size(), rank, from, end, cofacets_.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Word key = frame_.cofacet_key(*coder_, cofacets_[i]);
      if (key < least) continue;
      const bool negative = Field::has_signs && frame_.is_negative_in(cofacets_[i].vertex);
      visit(Entry<Word, Field>{key, Field::store(negative ? field.negate(coefficient) : coefficient)});
    }
    execution_->poll(search_.work() + 4 * count);
    return count;
  }

 private:
  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  unsigned subset_size_;
  Execution* execution_;
  Search search_;
  SimplexFrame<Word> frame_;
  RawVector<Cofacet> cofacets_;
};

}  // namespace tda::detail
