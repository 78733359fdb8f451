// SPDX-License-Identifier: Apache-2.0
//
// The brute-force oracle: textbook persistent homology by left-to-right reduction of the whole boundary matrix over Z/p
// (Zomorodian and Carlsson, "Computing persistent homology", 2005). It shares nothing with the engine: homology, not cohomology; no
// clearing, no apparent pairs, no ranks, no enclosing radius.
#pragma once

#include <cstdint>
#include <vector>

#include "support/diagram.hpp"
#include "support/distance_matrix.hpp"

namespace tda::test {

struct FilteredSimplex {
  std::vector<std::uint32_t> vertices;  // ascending
  double value;
};

/// A complex is given by all its simplices, in any order; no simplex may be older than its faces.
using FilteredComplex = std::vector<FilteredSimplex>;

/// Diagrams of dimension 0 … max_dimension. Classes of the top dimension are killed only by simplices that are given.
Diagrams brute_force_persistence(FilteredComplex complex, std::uint32_t max_dimension, std::uint32_t field);

/// All simplices up to max_simplex_dimension of the flag complex at or below the threshold.
FilteredComplex flag_complex(const DistanceMatrix& matrix, std::uint32_t max_simplex_dimension, double threshold);

/// The complex with all faces of the given simplices, everything at value 0.
FilteredComplex closure(const std::vector<std::vector<std::uint32_t>>& facets);

/// What tda_vietoris_rips must give. The threshold is rounded to `scalar` as the ABI says.
Diagrams brute_force_rips(const DistanceMatrix& matrix, const tda_rips_options& options, tda_scalar scalar);

}  // namespace tda::test
