// SPDX-License-Identifier: Apache-2.0
//
// FilteredGraph: the seam between the input (src/distance: validation, metrics, neighbour search) and the complex.
//
// It is the 1-skeleton of the Vietoris–Rips filtration. Edges are numbered by *rank*: sorted by (length, high, low), so that the order does not
// depend on the instruction set, the threads or the way they were found. From here on the engine compares ranks, never floats;
// lengths are looked up again only for the output. Memory: n + m (8 + sizeof Scalar) bytes.
#pragma once

#include <cstdint>

#include "core/error.hpp"
#include "exec/budget.hpp"
#include "exec/execution.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// What the diagram of a graph says about the input's. Fields as in tda_rips_statistics.
struct Accuracy {
  std::uint32_t approximation = TDA_APPROXIMATION_NONE;
  std::uint32_t error_kind = TDA_ERROR_KIND_NONE;
  double error_bound = 0;
  double cover_radius = 0;
};

struct CompletionSearch;

/// Of the vertices of a graph of points: the rows of the input; or whatever serves best, mostly an order that follows space, so that what works on
/// neighbours finds them together in memory.
enum class VertexNumbers { input, any };

template <class Scalar>
struct FilteredGraph {
  explicit FilteredGraph(Budget& budget) : births(budget), absent(budget), length(budget), low(budget), high(budget) {}

  /// Vertices are rows of the input, in an approximation, too: rows that are left out are absent. Points may have other numbers (VertexNumbers::any).
  std::uint32_t vertex_count = 0;
  /// Birth of each vertex; empty = all zero. Never above the length of an edge of the vertex.
  RawVector<Scalar> births;
  /// 1: the vertex is no part of the complex and has no edge: born above the threshold, or left out by an approximation. Empty = none.
  RawVector<std::uint8_t> absent;

  /// By rank: the edges at or below the threshold, low[r] < high[r], finite, at least zero, −0 written as 0.
  RawVector<Scalar> length;
  RawVector<std::uint32_t> low;
  RawVector<std::uint32_t> high;

  /// The threshold that was used, rounded to the scalar type.
  Scalar threshold{};
  /// min over present points of the largest distance (at least the births of both); +inf where each point lacks an edge.
  Scalar enclosing_radius{};
  /// The threshold is below the enclosing radius: there may be essential classes above dimension 0.
  bool truncated = false;
  /// Edges above a cut are missing. They change no diagram if no class of dimension 1 lives at the cut (spanning_tree/completion.hpp); else a new graph
  /// must be built, with the same search.
  bool provisional = false;
  /// Bytes of the caller's arrays; build_filtered_graph has charged them to the budget for the whole call.
  std::uint64_t input_bytes = 0;
  Accuracy accuracy;
};

/// Validates the input (the errors 1xx of tda.h; options are validated before, by the C ABI) and enumerates the edges at or below the threshold,
/// sorted (complex/edge_sort.hpp). Scalar is the type of input.scalar, else TDA_ERROR_INVALID_OPTION. A number of points or edges of
/// 2^32 − 1 or more is TDA_ERROR_INDEX_OVERFLOW. With options.approximation: src/approximation. Stages TDA_STAGE_DISTANCES and TDA_STAGE_EDGES; the fraction ends at `graph_fraction`.
/// `search`: the graph may be provisional and, without representatives, its vertices have any numbers; null: neither. Throws BudgetExceeded and Cancelled.
template <class Scalar>
Expected<FilteredGraph<Scalar>> build_filtered_graph(const tda_input& input, const tda_rips_options& options, Execution& execution,
                                                     CompletionSearch* search = nullptr);

/// The part of the progress fraction that belongs to build_filtered_graph.
inline constexpr double graph_fraction = 0.1;

/// See tda_vietoris_rips_estimate. Same validation as build_filtered_graph; fills everything but struct_size.
Expected<tda_rips_estimate> estimate_vietoris_rips(const tda_input& input, const tda_rips_options& options, Execution& execution);

extern template Expected<FilteredGraph<float>> build_filtered_graph<float>(const tda_input&, const tda_rips_options&, Execution&,
                                                                    CompletionSearch*);
extern template Expected<FilteredGraph<double>> build_filtered_graph<double>(const tda_input&, const tda_rips_options&, Execution&,
                                                                    CompletionSearch*);

}  // namespace tda::detail
