// SPDX-License-Identifier: Apache-2.0
#include "core/vietoris_rips.hpp"

#include <algorithm>
#include <utility>

#include "collapse/collapse_choice.hpp"
#include "complex/edges.hpp"
#include "complex/filtered_graph.hpp"
#include "reduction/cohomology.hpp"
#include "reduction/components.hpp"
#include "representatives/vertex_pairs.hpp"
#include "simd/kernel_table.hpp"
#include "spanning_tree/completion.hpp"

namespace tda::detail {
namespace {

template <class Scalar>
void add_bars(const Vector<RankPair>& pairs, const RawVector<Scalar>& length, Diagram& diagram, Execution& execution) {
  for (const RankPair& pair : pairs) {
    execution.poll(1);
    if (pair.death == RankPair::never) {
      diagram.add_essential(length[pair.birth]);
    } else {
      diagram.add(length[pair.birth], length[pair.death]);
    }
  }
}

/// What dimension 1 and above work on: the edges by rank, their lengths, and a bit for each, 1 where it joins two components.
template <class Scalar>
struct Filtration {
  Edges edges;
  RawVector<Scalar> length;
  Vector<std::uint64_t> merging;
};

/// The last rank of each edge's length.
template <class Scalar>
RawVector<std::uint32_t> times_of(const RawVector<Scalar>& length, Execution& execution) {
  RawVector<std::uint32_t> time(execution.budget());
  time.resize(length.size());
  for (std::size_t r = length.size(); r-- > 0;) {
    const bool same = r + 1 < length.size() && length[r] == length[r + 1];
    time[r] = same ? time[r + 1] : static_cast<std::uint32_t>(r);
    execution.poll(1);
  }
  return time;
}

/// Replaces the filtration by a collapsed one.
template <class Scalar>
void collapse(Filtration<Scalar>& filtration, const CollapsePlan& plan, const KernelTable& kernels, Execution& execution) {
  TimedEdges timed(execution.budget());
  timed.vertex_count = filtration.edges.vertex_count;
  timed.low.swap(filtration.edges.low);
  timed.high.swap(filtration.edges.high);
  timed.time = times_of(filtration.length, execution);
  collapse_edges(timed, plan, kernels, execution);

  RawVector<Scalar> length(execution.budget());
  length.resize(timed.count());
  for (std::size_t r = 0; r < length.size(); ++r) {
    length[r] = filtration.length[timed.time[r]];
    execution.poll(1);
  }
  filtration.length.swap(length);
  filtration.edges.low.swap(timed.low);
  filtration.edges.high.swap(timed.high);
  filtration.merging = find_merging_edges(filtration.edges, execution);
}

bool is_never_paired(const RankPair& pair) { return pair.death == RankPair::never; }

/// If the search has failed, there is no result yet: its graph was provisional, and not enough.
template <class Scalar>
Expected<RipsResult> attempt(const tda_input& input, const tda_rips_options& options, CompletionSearch& search, Execution& execution) {
  search.failed = false;
  Expected<FilteredGraph<Scalar>> built = build_filtered_graph<Scalar>(input, options, execution, &search);
  if (!built) return std::unexpected(std::move(built.error()));
  FilteredGraph<Scalar>& graph = *built;
  const KernelTable& kernels = *kernel_table(options.simd_target);

  std::vector<Diagram> diagrams(options.max_dimension + 1, Diagram(execution.budget()));
  Components components = compute_components(graph, diagrams[0], execution);
  std::uint64_t simplices = components.points;
  const std::uint64_t edge_count = graph.length.size();

  Vector<BarChains> chains(execution.budget());
  if (options.representatives != TDA_REPRESENTATIVES_NONE) {
    for (std::uint32_t d = 0; d <= options.max_dimension; ++d) {
      chains.emplace_back(execution.budget());
      if (d > 0 && options.representatives != TDA_REPRESENTATIVES_SIMPLICES) chains[d].chain_offsets.push_back(0);
    }
    pair_vertices(graph, components.merging, chains[0], execution);
  }
  if (options.max_dimension > 0) {
    // Representatives are those of the graph as it is: a collapse moves the ends of bars to other simplices.
    RawVector<std::uint32_t> names(execution.budget());
    if (!chains.empty()) names = used_vertices(graph.vertex_count, graph.low, graph.high, execution);
    Filtration<Scalar> filtration{
        .edges = compact_edges(graph.vertex_count, std::move(graph.low), std::move(graph.high), execution),
        .length = std::move(graph.length),
        .merging = std::move(components.merging)};
    const auto plan = chains.empty()
                          ? plan_collapse(options, filtration.edges.vertex_count, filtration.edges.count(), graph.truncated, execution.budget())
                          : std::nullopt;
    if (plan) collapse(filtration, *plan, kernels, execution);
    RepresentativeSet set{.kind = static_cast<tda_representatives>(options.representatives),
                          .lengths = EdgeLengths(filtration.length),
                          .names = names,
                          .dimensions = chains};
    const Expected<Cohomology> cohomology =
        compute_cohomology(filtration.edges, kernels, options.max_dimension, options.coefficient_field, filtration.merging,
                           chains.empty() ? nullptr : &set, execution);
    if (!cohomology) return std::unexpected(cohomology.error());
    if (graph.provisional && std::ranges::any_of(cohomology->pairs[0], is_never_paired)) {
      ++search.failures;
      search.failed = true;
      execution.budget().release(graph.input_bytes);  // the next graph charges them again
      return RipsResult{};
    }
    simplices += edge_count + cohomology->simplices;
    for (std::uint32_t d = 1; d <= options.max_dimension; ++d)
      add_bars(cohomology->pairs[d - 1], filtration.length, diagrams[d], execution);
  }

  RipsResult result{.diagrams = {},
                    .representatives = {},
                    .statistics = {.struct_size = 0,
                                   .simd_target = kernels.target,
                                   .scalar = input.scalar,
                                   .truncated = graph.truncated ? 1u : 0u,
                                   .points = components.points,
                                   .edges = edge_count,
                                   .simplices = simplices,
                                   .threshold = static_cast<double>(graph.threshold),
                                   .enclosing_radius = static_cast<double>(graph.enclosing_radius),
                                   .peak_bytes = 0,
                                   .seconds = 0,
                                   .approximation = graph.accuracy.approximation,
                                   .error_kind = graph.accuracy.error_kind,
                                   .error_bound = graph.accuracy.error_bound,
                                   .cover_radius = graph.accuracy.cover_radius}};
  for (Diagram& diagram : diagrams) {
    diagram.sort(execution);
    result.diagrams.push_back(diagram.release());
  }
  for (BarChains& dimension : chains) result.representatives.push_back(release(std::move(dimension), execution.budget()));
  return result;
}

template <class Scalar>
Expected<RipsResult> compute(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  CompletionSearch search;
  while (true) {
    Expected<RipsResult> result = attempt<Scalar>(input, options, search, execution);
    if (!search.failed) return result;
  }
}

}  // namespace

Expected<RipsResult> compute_vietoris_rips(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  switch (input.scalar) {
    case TDA_FLOAT32:
      return compute<float>(input, options, execution);
    case TDA_FLOAT64:
      return compute<double>(input, options, execution);
    default:
      return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The element type of the input is unknown."});
  }
}

}  // namespace tda::detail
