// SPDX-License-Identifier: Apache-2.0
//
// Representatives as plain values: those of the C ABI, and those of a naive reduction in the order that the engine documents.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "support/distance_matrix.hpp"
#include "support/rips_call.hpp"

namespace tda::test {

using Simplex = std::vector<std::uint32_t>;  // ascending
/// Simplices with coefficients in 1 … p − 1.
using Chain = std::vector<std::pair<Simplex, std::uint32_t>>;

struct Representative {
  Simplex birth;
  Simplex death;  // empty: essential
  Chain chain;
  std::vector<std::uint32_t> loop;
  friend bool operator==(const Representative&, const Representative&) = default;
};
/// By dimension, then bar.
using Representatives = std::vector<std::vector<Representative>>;

struct RepresentativeOutcome {
  Outcome outcome;
  Representatives representatives;
};

/// Calls tda_vietoris_rips, checks the form of the views and copies them.
RepresentativeOutcome compute_representatives(const Input& input, const tda_rips_options& options);

/// The flag complex of a matrix up to a dimension, in the engine's total order within each dimension: vertices by (birth, row); others by
/// the rank of their longest edge, edges ranked by (length, higher vertex, lower vertex); within a block, those whose remaining vertices come
/// later in the colexicographic order first.
class OrderedComplex {
 public:
  OrderedComplex(const DistanceMatrix& matrix, std::uint32_t max_simplex_dimension, double threshold);

  const std::vector<Simplex>& simplices(std::uint32_t dimension) const { return simplices_[dimension]; }
  double value(const Simplex& simplex) const;
  /// Place in the order of its dimension.
  std::uint32_t place(const Simplex& simplex) const { return places_.at(simplex); }
  bool contains(const Simplex& simplex) const { return places_.contains(simplex); }
  std::uint32_t edge_rank(const Simplex& edge) const { return places_.at(edge); }

 private:
  const DistanceMatrix* matrix_;
  std::vector<std::vector<Simplex>> simplices_;
  std::map<Simplex, std::uint32_t> places_;
};

/// A sparse vector over Z/p by place.
using SparseVector = std::map<std::uint32_t, std::uint32_t>;

/// The boundary of a chain of simplices of one dimension, by the places of their facets; zero entries left out.
SparseVector boundary(const OrderedComplex& complex, const Chain& chain, std::uint32_t field);

/// The reduced columns of the boundary matrix of the simplices of dimension `dimension` + 1, by their pivot, with the column's simplex.
struct ReducedColumn {
  std::uint32_t column;
  SparseVector entries;
};
std::map<std::uint32_t, ReducedColumn> reduce_boundaries(const OrderedComplex& complex, std::uint32_t dimension, std::uint32_t field);

/// What is left of a vector after reduction by the columns whose simplex comes before `end`.
SparseVector remainder(SparseVector vector, const std::map<std::uint32_t, ReducedColumn>& columns, std::uint32_t end, std::uint32_t field);

/// Birth and death simplices and, from dimension 1 on, cocycles, by the naive reductions: homology for the pairs, for the cocycles cohomology from the
/// latest simplex to the earliest without clearing.
Representatives naive_representatives(const OrderedComplex& complex, std::uint32_t max_dimension, std::uint32_t field);

std::string to_string(const Representatives& representatives);

}  // namespace tda::test
