// SPDX-License-Identifier: Apache-2.0
#include "circular/circular_coordinates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "circular/edge_cochain.hpp"
#include "circular/least_squares.hpp"
#include "complex/edges.hpp"
#include "complex/filtered_graph.hpp"
#include "reduction/cohomology.hpp"
#include "reduction/components.hpp"
#include "representatives/bar_chains.hpp"
#include "representatives/vertex_pairs.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {
namespace {

constexpr double tolerance = 1e-12;
constexpr std::uint64_t most_steps = 10'000;

/// The bars of dimension 1 with their cocycles, in the order of the diagram.
struct Loops {
  std::vector<Bar> bars;
  BarChains chains;
};

template <class Scalar>
Expected<Loops> find_loops(const FilteredGraph<Scalar>& graph, const Edges& edges, const RawVector<std::uint32_t>& names,
                           const tda_rips_options& options, const Vector<std::uint64_t>& merging, Execution& execution) {
  Vector<BarChains> dimensions(execution.budget());
  for (int d = 0; d < 2; ++d) dimensions.emplace_back(execution.budget());
  dimensions[1].chain_offsets.push_back(0);
  RepresentativeSet set{.kind = TDA_REPRESENTATIVES_COCYCLES,
                        .lengths = EdgeLengths(graph.length),
                        .names = names,
                        .dimensions = dimensions};
  const Expected<Cohomology> cohomology =
      compute_cohomology(edges, *kernel_table(options.simd_target), 1, options.coefficient_field, merging, &set, execution);
  if (!cohomology) return std::unexpected(cohomology.error());
  Diagram diagram(execution.budget());
  for (const RankPair& pair : cohomology->pairs[0]) {
    execution.poll(1);
    if (pair.death == RankPair::never) {
      diagram.add_essential(graph.length[pair.birth]);
    } else {
      diagram.add(graph.length[pair.birth], graph.length[pair.death]);
    }
  }
  diagram.sort(execution);
  return Loops{.bars = diagram.release(), .chains = std::move(dimensions[1])};
}

/// The number of the bar that is asked for.
Expected<std::size_t> choose_bar(const std::vector<Bar>& bars, std::uint64_t asked) {
  if (bars.empty()) return fail({.status = TDA_ERROR_NO_BAR, .message = "There is no bar of dimension 1."});
  if (asked != TDA_NO_INDEX) {
    if (asked < bars.size()) return static_cast<std::size_t>(asked);
    return fail({.status = TDA_ERROR_NO_BAR, .message = "There are fewer bars of dimension 1."});
  }
  const auto shorter = [](const Bar& a, const Bar& b) { return a.death - a.birth < b.death - b.birth; };
  return static_cast<std::size_t>(std::max_element(bars.begin(), bars.end(), shorter) - bars.begin());
}

/// Where in the bar the complex is taken. `longest`: the last edge's length.
Expected<double> choose_scale(const Bar& bar, double longest, double asked) {
  if (std::isnan(asked)) {
    if (bar.death == std::numeric_limits<double>::infinity()) return longest;
    // Never the death itself, to which the mean of neighbours may round.
    const double middle = bar.birth + (bar.death - bar.birth) / 2;
    return middle < bar.death ? middle : bar.birth;
  }
  if (asked >= bar.birth && asked < bar.death) return asked;
  return fail({.status = TDA_ERROR_SCALE_OUTSIDE_BAR, .message = "The scale is not in the bar, from its birth to before its death."});
}

/// The representative of least absolute value modulo p.
std::int32_t lift(std::uint32_t coefficient, std::uint32_t prime) noexcept {
  const auto value = static_cast<std::int32_t>(coefficient);
  return coefficient > prime / 2 ? value - static_cast<std::int32_t>(prime) : value;
}

double fraction_of(double x) noexcept {
  const double fraction = x - std::floor(x);
  return fraction < 1 ? fraction : 0;
}

/// The cochain of one bar on the edges of at most the scale. Vertices are rows of the input.
template <class Scalar>
EdgeCochain cochain_at(const FilteredGraph<Scalar>& graph, const Edges& edges, const RawVector<std::uint32_t>& names,
                       const BarChains& chains, std::size_t bar, double scale, std::uint32_t prime, Execution& execution) {
  const auto before = [](const auto& a, const auto& b) { return a.low != b.low ? a.low < b.low : a.high < b.high; };
  RawVector<CochainEdge> support(execution.budget());
  for (std::uint64_t i = chains.chain_offsets[bar]; i < chains.chain_offsets[bar + 1]; ++i) {
    support.push_back({chains.chain_simplices[2 * i], chains.chain_simplices[2 * i + 1], lift(chains.chain_coefficients[i], prime)});
    execution.poll(1);
  }
  std::sort(support.begin(), support.end(), [&](const CochainEdge& a, const CochainEdge& b) {
    execution.poll(1);
    return before(a, b);
  });
  const std::uint32_t count = EdgeLengths(graph.length).at_most(scale);
  RawVector<CochainEdge> at_scale(execution.budget());
  at_scale.reserve(count);
  for (std::uint32_t r = 0; r < count; ++r) {
    CochainEdge edge{names[edges.low[r]], names[edges.high[r]], 0};
    const auto place = std::lower_bound(support.begin(), support.end(), edge, before);
    if (place != support.end() && place->low == edge.low && place->high == edge.high) edge.value = place->value;
    at_scale.push_back(edge);
    execution.poll(4);
  }
  return EdgeCochain(graph.vertex_count, std::move(at_scale), execution);
}

template <class Scalar>
Expected<CircularCoordinates> compute(const tda_input& input, const tda_rips_options& options, const tda_circular_options& circular,
                                      Execution& execution) {
  Expected<FilteredGraph<Scalar>> built = build_filtered_graph<Scalar>(input, options, execution);
  if (!built) return std::unexpected(std::move(built.error()));
  FilteredGraph<Scalar>& graph = *built;
  Diagram components(execution.budget());
  const Components merged = compute_components(graph, components, execution);
  const RawVector<std::uint32_t> names = used_vertices(graph.vertex_count, graph.low, graph.high, execution);
  const Edges edges = compact_edges(graph.vertex_count, std::move(graph.low), std::move(graph.high), execution);
  const Expected<Loops> loops = find_loops(graph, edges, names, options, merged.merging, execution);
  if (!loops) return std::unexpected(loops.error());
  const Expected<std::size_t> bar = choose_bar(loops->bars, circular.bar);
  if (!bar) return std::unexpected(bar.error());
  // There is a bar, so there are edges.
  const Bar& chosen = loops->bars[*bar];
  const Expected<double> scale = choose_scale(chosen, static_cast<double>(graph.length.back()), circular.scale);
  if (!scale) return std::unexpected(scale.error());

  const EdgeCochain cochain =
      cochain_at(graph, edges, names, loops->chains, *bar, *scale, options.coefficient_field, execution);
  if (!cochain.is_cocycle(execution))
    return fail({.status = TDA_ERROR_NOT_INTEGRAL,
                 .message = "Lifted to integers, the cocycle is none: another prime, or another scale, may do."});
  execution.begin_stage(TDA_STAGE_REDUCTION, 1, 0, 1);
  const LeastSquares solved = solve_least_squares(cochain, tolerance, most_steps, execution);

  CircularCoordinates out{.coordinates = {},
                          .view = {.struct_size = 0,
                                   .simd_target = kernel_table(options.simd_target)->target,
                                   .truncated = graph.truncated ? 1u : 0u,
                                   .reserved = 0,
                                   .count = graph.vertex_count,
                                   .coordinates = nullptr,
                                   .bar = *bar,
                                   .birth = chosen.birth,
                                   .death = chosen.death,
                                   .scale = *scale,
                                   .energy = solved.energy,
                                   .residual = solved.residual,
                                   .steps = solved.steps,
                                   .points = merged.points,
                                   .edges = cochain.edges().size(),
                                   .threshold = static_cast<double>(graph.threshold),
                                   .peak_bytes = 0,
                                   .seconds = 0}};
  execution.budget().charge(graph.vertex_count * sizeof(double));
  out.coordinates.reserve(graph.vertex_count);
  for (std::uint32_t v = 0; v < graph.vertex_count; ++v) {
    const bool is_absent = (!graph.absent.empty() && graph.absent[v] != 0) ||
                           (!graph.births.empty() && static_cast<double>(graph.births[v]) > *scale);
    out.coordinates.push_back(is_absent ? std::numeric_limits<double>::quiet_NaN() : fraction_of(solved.potential[v]));
    execution.poll(1);
  }
  return out;
}

}  // namespace

Expected<CircularCoordinates> compute_circular_coordinates(const tda_input& input, const tda_rips_options& options,
                                                           const tda_circular_options& circular, Execution& execution) {
  if (options.approximation != TDA_APPROXIMATION_NONE)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "Circular coordinates are those of the exact filtration only."});
  if (options.coefficient_field == 2)
    return fail({.status = TDA_ERROR_INVALID_FIELD, .message = "Circular coordinates need an odd prime: a sign has to be told from its opposite."});
  switch (input.scalar) {
    case TDA_FLOAT32:
      return compute<float>(input, options, circular, execution);
    case TDA_FLOAT64:
      return compute<double>(input, options, circular, execution);
    default:
      return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The element type of the input is unknown."});
  }
}

}  // namespace tda::detail
