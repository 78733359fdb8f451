// SPDX-License-Identifier: Apache-2.0
//
// Between keys and sorted vertices.
#pragma once

#include <algorithm>
#include <cstdint>

#include "complex/edges.hpp"
#include "complex/simplex_coder.hpp"

namespace tda::detail {

/// Writes the dimension + 1 vertices of the simplex, ascending. dimension >= 1.
template <class Word>
void simplex_vertices(const SimplexCoder<Word>& coder, const Edges& edges, Word key, unsigned dimension, std::uint32_t* vertices) {
  const std::uint32_t rank = coder.rank(key);
  coder.decode(coder.index(key), dimension - 1, vertices);
  vertices[dimension - 1] = edges.low[rank];
  vertices[dimension] = edges.high[rank];
  std::sort(vertices, vertices + dimension + 1);
}

/// The keys of the facets of a simplex: key[i] is that of the facet without vertices[i]. The simplex has dimension + 1 ascending vertices,
/// dimension >= 2, all joined. O(dimension³) and a look-up of each edge.
template <class Graph, class Word>
void facet_keys(const Graph& graph, const SimplexCoder<Word>& coder, const std::uint32_t* vertices, unsigned dimension, Word* key) {
  std::uint32_t rank[max_simplex_size][max_simplex_size];
  for (unsigned i = 0; i <= dimension; ++i) {
    for (unsigned j = i + 1; j <= dimension; ++j) rank[i][j] = graph.edge_rank(vertices[i], vertices[j]);
  }
  for (unsigned out = 0; out <= dimension; ++out) {
    std::uint32_t longest = 0;
    unsigned a = max_simplex_size;
    unsigned b = max_simplex_size;
    for (unsigned i = 0; i <= dimension; ++i) {
      for (unsigned j = i + 1; j <= dimension; ++j) {
        if (i == out || j == out || (a != max_simplex_size && rank[i][j] < longest)) continue;
        longest = rank[i][j];
        a = i;
        b = j;
      }
    }
    std::uint32_t subset[max_simplex_size];
    unsigned size = 0;
    for (unsigned i = 0; i <= dimension; ++i) {
      if (i != out && i != a && i != b) subset[size++] = vertices[i];
    }
    key[out] = coder.key(longest, coder.encode(subset, size));
  }
}

}  // namespace tda::detail
