// SPDX-License-Identifier: Apache-2.0
//
// RepresentativeRun: the simplices, cocycles and cycles of the bars of dimension 1 and above, written down beside a sequential reduction.
//
// The rule is that of the reduction: columns of the coboundary matrix from the latest simplex to the earliest, pivots by the total order of keys.
// Nothing in it depends on threads, instruction sets or the kind of graph, so neither do the representatives.
//
// *Cocycle* of a bar born at σ and dying at τ: the reduced column of σ, that is σ plus later simplices, whose coboundary begins at τ (V. de Silva,
// D. Morozov, M. Vejdemo-Johansson, "Persistent cohomology and circular coordinates", Discrete Comput. Geom. 45 (2011)). Restricted to the
// simplices shorter than τ it is a cocycle of the complex at every scale from birth to before death.
// Memory: the pairs of the dimension and, where asked for, their columns. Time beyond the reduction: O(1) for each entry; for cycles see
// shortest_loops.hpp, boundary_reducer.hpp and cycle_shortening.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "complex/simplex_coder.hpp"
#include "reduction/block_reducer.hpp"
#include "reduction/pair_observer.hpp"
#include "representatives/bar_chains.hpp"
#include "representatives/boundary_reducer.hpp"
#include "representatives/cycle_shortening.hpp"
#include "representatives/shortest_loops.hpp"
#include "representatives/simplex_vertices.hpp"

namespace tda::detail {

template <class Graph, class Search, class Word, class Field>
class RepresentativeRun final : public PairObserver<Word, Field> {
 public:
  using Element = Entry<Word, Field>;

  /// `set` and the others outlive the run.
  RepresentativeRun(RepresentativeSet& set, const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, Execution& execution)
      : set_(&set),
        graph_(&graph),
        coder_(&coder),
        field_(field),
        execution_(&execution),
        bars_(execution.budget()),
        columns_(execution.budget()),
        partners_(execution.budget()),
        partners_below_(execution.budget()) {}

  void observe(Word birth, std::optional<Word> death, std::span<const Element> column) override {
    if (set_->kind == TDA_REPRESENTATIVES_CYCLES && death) partners_.add(birth, *death);
    const EdgeLengths& lengths = set_->lengths;
    if (death && lengths[coder_->rank(birth)] == lengths[coder_->rank(*death)]) return;
    Bar bar{.birth = birth, .death = death.value_or(0), .dies = death.has_value(), .begin = columns_.size(), .end = columns_.size()};
    if (set_->kind == TDA_REPRESENTATIVES_COCYCLES) {
      // Simplices that come no earlier than the death are outside of every complex in which the class lives.
      const std::uint32_t end = death ? lengths.shorter_than(lengths[coder_->rank(*death)]) : lengths.count();
      const std::uint32_t scale = field_.inverse(Field::value(column.front().coefficient));
      for (const Element& e : column) {
        if (coder_->rank(e.key) >= end) break;
        columns_.push_back({e.key, Field::store(field_.multiply(scale, Field::value(e.coefficient)))});
      }
      bar.end = columns_.size();
      execution_->poll(column.size());
    }
    bars_.push_back(bar);
  }

  /// After the reduction of this dimension. `local`: the pairs within blocks.
  void finish_dimension(unsigned dimension, const ColumnStore<Word, Field>& local) {
    BarChains& out = set_->dimensions[dimension];
    sort_bars();
    for (const Bar& bar : bars_) {
      append_vertices(bar.birth, dimension, out.birth_simplices);
      if (bar.dies) {
        append_vertices(bar.death, dimension + 1, out.death_simplices);
      } else {
        out.death_simplices.insert(out.death_simplices.end(), dimension + 2, TDA_NO_VERTEX);
      }
      execution_->poll(dimension + 2);
    }
    if (set_->kind == TDA_REPRESENTATIVES_COCYCLES) {
      write_cocycles(dimension, out);
    } else if (set_->kind == TDA_REPRESENTATIVES_CYCLES) {
      for (std::size_t i = 0; i < local.size(); ++i) {
        const auto& column = local[i];
        // The column's own simplex is the earliest of its combination.
        Word birth = column.entries[0].key;
        for (const Element& e : column.span()) birth = std::min(birth, e.key);
        partners_.add(birth, column.key);
        execution_->poll(column.count);
      }
      partners_.sort(*execution_);
      if (dimension == 1) {
        write_loops(out);
      } else {
        write_cycles(dimension, out);
      }
      std::swap(partners_, partners_below_);
      partners_.clear();
    }
    bars_.clear();
    columns_.clear();
  }

 private:
  struct Bar {
    Word birth;
    Word death;
    bool dies;
    std::size_t begin, end;  // in columns_
  };

  void sort_bars() {
    const EdgeLengths& lengths = set_->lengths;
    std::sort(bars_.begin(), bars_.end(), [&](const Bar& a, const Bar& b) {
      execution_->poll(1);
      const double birth_a = lengths[coder_->rank(a.birth)];
      const double birth_b = lengths[coder_->rank(b.birth)];
      if (birth_a != birth_b) return birth_a < birth_b;
      if (a.dies != b.dies) return a.dies;
      if (a.dies) {
        const double death_a = lengths[coder_->rank(a.death)];
        const double death_b = lengths[coder_->rank(b.death)];
        if (death_a != death_b) return death_a < death_b;
      }
      return a.birth < b.birth;
    });
  }

  void append_vertices(Word key, unsigned dimension, RawVector<std::uint32_t>& out) const {
    std::uint32_t vertices[max_simplex_size];
    simplex_vertices(*coder_, graph_->edges(), key, dimension, vertices);
    for (unsigned i = 0; i <= dimension; ++i) out.push_back(set_->names[vertices[i]]);
  }

  void append_entry(const Element& e, unsigned dimension, BarChains& out) const {
    append_vertices(e.key, dimension, out.chain_simplices);
    out.chain_coefficients.push_back(Field::value(e.coefficient));
    execution_->poll(dimension + 2);
  }

  void write_cocycles(unsigned dimension, BarChains& out) {
    for (const Bar& bar : bars_) {
      for (std::size_t i = bar.begin; i < bar.end; ++i) append_entry(columns_[i], dimension, out);
      out.chain_offsets.push_back(out.chain_coefficients.size());
    }
  }

  void write_loops(BarChains& out) {
    if (bars_.empty()) return;
    ShortestLoops loops(graph_->edges(), set_->lengths, *execution_);
    for (const Bar& bar : bars_) {
      for (const LoopEdge& edge : loops.find(coder_->rank(bar.birth))) {
        const std::uint32_t from = set_->names[edge.from];
        const std::uint32_t to = set_->names[edge.to];
        out.loop_vertices.push_back(from);
        out.chain_simplices.push_back(std::min(from, to));
        out.chain_simplices.push_back(std::max(from, to));
        out.chain_coefficients.push_back(from < to ? 1 : field_.negate(1));
      }
      out.chain_offsets.push_back(out.chain_coefficients.size());
    }
  }

  void write_cycles(unsigned dimension, BarChains& out) {
    if (bars_.empty()) return;
    BoundaryReducer<Graph, Search, Word, Field> reducer(*graph_, *coder_, field_, dimension, false, partners_, *execution_);
    BoundaryReducer<Graph, Search, Word, Field> below(*graph_, *coder_, field_, dimension - 1, true, partners_below_, *execution_);
    CycleShortening<Graph, Word, Field> shortening(*graph_, *coder_, field_, dimension, set_->lengths, *execution_);
    RawVector<Element> cycle(execution_->budget());
    for (const Bar& bar : bars_) {
      if (bar.dies) {
        reducer.boundary_cycle(bar.birth, bar.death, cycle);
      } else {
        below.kernel_cycle(bar.birth, cycle);
      }
      shortening.shorten(bar.birth, cycle);
      // The birth simplex, the latest of them, first.
      for (std::size_t i = cycle.size(); i-- > 0;) append_entry(cycle[i], dimension, out);
      out.chain_offsets.push_back(out.chain_coefficients.size());
    }
  }

  RepresentativeSet* set_;
  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  Execution* execution_;
  RawVector<Bar> bars_;
  RawVector<Element> columns_;
  PartnerIndex<Word> partners_;
  PartnerIndex<Word> partners_below_;
};

}  // namespace tda::detail
