// SPDX-License-Identifier: Apache-2.0
#include "reduction/components.hpp"

#include <utility>

namespace tda::detail {
namespace {

class UnionFind {
 public:
  UnionFind(std::uint32_t count, Budget& budget) : parent_(budget) {
    parent_.resize(count);
    for (std::uint32_t v = 0; v < count; ++v) parent_[v] = v;
  }

  std::uint32_t root(std::uint32_t v) noexcept {
    while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
    return v;
  }
  void hang(std::uint32_t root, std::uint32_t under) noexcept { parent_[root] = under; }

 private:
  RawVector<std::uint32_t> parent_;
};

}  // namespace

template <class Scalar>
Components compute_components(const FilteredGraph<Scalar>& graph, Diagram& diagram, Execution& execution) {
  const std::uint32_t count = graph.vertex_count;
  Components out(execution.budget());
  out.merging.assign((graph.length.size() + 63) / 64, 0);
  UnionFind components(count, execution.budget());
  Vector<std::uint32_t> size(count, 1, execution.budget());
  // By root. Without births, all zero: not stored.
  RawVector<Scalar> birth(graph.births, execution.budget());
  const auto birth_of = [&](std::uint32_t root) { return birth.empty() ? Scalar{0} : birth[root]; };

  for (std::size_t r = 0; r < graph.length.size(); ++r) {
    execution.poll(2);
    std::uint32_t a = components.root(graph.low[r]);
    std::uint32_t b = components.root(graph.high[r]);
    if (a == b) continue;
    out.merging[r / 64] |= std::uint64_t{1} << (r % 64);
    const Scalar elder = birth_of(a) < birth_of(b) ? birth_of(a) : birth_of(b);
    const Scalar younger = birth_of(a) < birth_of(b) ? birth_of(b) : birth_of(a);
    diagram.add(younger, graph.length[r]);
    if (size[a] < size[b]) std::swap(a, b);
    components.hang(b, a);
    size[a] += size[b];
    if (!birth.empty()) birth[a] = elder;
  }
  for (std::uint32_t v = 0; v < count; ++v) {
    execution.poll(1);
    if (!graph.absent.empty() && graph.absent[v] != 0) continue;
    ++out.points;
    if (components.root(v) == v) diagram.add_essential(birth_of(v));
  }
  return out;
}

Vector<std::uint64_t> find_merging_edges(const Edges& edges, Execution& execution) {
  Vector<std::uint64_t> merging((std::size_t{edges.count()} + 63) / 64, 0, execution.budget());
  UnionFind components(edges.vertex_count, execution.budget());
  for (std::uint32_t r = 0; r < edges.count(); ++r) {
    execution.poll(2);
    const std::uint32_t a = components.root(edges.low[r]);
    const std::uint32_t b = components.root(edges.high[r]);
    if (a == b) continue;
    merging[r / 64] |= std::uint64_t{1} << (r % 64);
    components.hang(b, a);
  }
  return merging;
}

template Components compute_components<float>(const FilteredGraph<float>&, Diagram&, Execution&);
template Components compute_components<double>(const FilteredGraph<double>&, Diagram&, Execution&);

}  // namespace tda::detail
