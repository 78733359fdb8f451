// SPDX-License-Identifier: Apache-2.0
//
// CycleShortening: cycles of dimension 2 and above, made smaller by local moves.
//
// A move adds a multiple of the boundary of one simplex of the next dimension, all of whose edges are earlier than the longest edge of the birth simplex: so the
// class in the complex at birth stays, and with it birth, death and the pairing with the bar's cocycle. The multiple is such that one simplex of the cycle
// vanishes. A move is made where the sum of the lengths of the cycle's simplices (each by its longest edge) falls, or stays and there are fewer of them.
// Simplices are taken from the latest to the earliest, their cofacets by vertex, and the best move of each is made, in passes until one
// makes no move, at most `most_passes`.
// Cost of a pass: O(c · n · d³) for a cycle of c simplices. Memory: O(c).
#pragma once

#include <algorithm>
#include <cstdint>

#include "complex/simplex_coder.hpp"
#include "reduction/column.hpp"
#include "representatives/common_neighbors.hpp"
#include "representatives/edge_lengths.hpp"
#include "representatives/simplex_vertices.hpp"

namespace tda::detail {

template <class Graph, class Word, class Field>
class CycleShortening {
 public:
  using Element = Entry<Word, Field>;

  /// For cycles of dimension `dimension` >= 2. Everything outlives it.
  CycleShortening(const Graph& graph, const SimplexCoder<Word>& coder, const Field& field, unsigned dimension,
                  const EdgeLengths& lengths, Execution& execution)
      : graph_(&graph),
        coder_(&coder),
        field_(field),
        dimension_(dimension),
        lengths_(lengths),
        execution_(&execution) {}

  /// `cycle` is sorted by key and ends with `birth`; so it does afterwards, with coefficient 1.
  void shorten(Word birth, RawVector<Element>& cycle) {
    const std::uint32_t end = coder_->rank(birth);
    for (unsigned pass = 0; pass < most_passes; ++pass) {
      bool has_moved = false;
      // From the back: a move only touches simplices before the birth simplex, and the place is found again by its key.
      Word below = birth;
      while (true) {
        const auto place = std::lower_bound(cycle.begin(), cycle.end(), below, before);
        if (place == cycle.begin()) break;
        const Word simplex = std::prev(place)->key;
        below = simplex;
        // A simplex in the block of the birth simplex has no cofacet below that.
        if (coder_->rank(simplex) < end && move(simplex, end, cycle)) has_moved = true;
      }
      if (!has_moved) break;
    }
    const std::uint32_t scale = field_.inverse(Field::value(cycle.back().coefficient));
    for (Element& e : cycle) e.coefficient = Field::store(field_.multiply(scale, Field::value(e.coefficient)));
  }

 private:
  static constexpr unsigned most_passes = 8;

  struct Move {
    Word keys[max_simplex_size];
    std::uint32_t values[max_simplex_size];
    double gain = 0;
    int fewer = 0;
  };

  static bool before(const Element& e, Word key) noexcept { return e.key < key; }
  double weight(Word key) const noexcept { return lengths_[coder_->rank(key)]; }

  std::uint32_t value_in(const RawVector<Element>& cycle, Word key) const noexcept {
    const auto place = std::lower_bound(cycle.begin(), cycle.end(), key, before);
    return place != cycle.end() && place->key == key ? Field::value(place->coefficient) : 0;
  }

  bool move(Word simplex, std::uint32_t end, RawVector<Element>& cycle) {
    std::uint32_t vertices[max_simplex_size];
    simplex_vertices(*coder_, graph_->edges(), simplex, dimension_, vertices);
    Move best;
    each_common_neighbor(*graph_, vertices, dimension_ + 1, end, *execution_, [&](std::uint32_t u) {
      const Move candidate = make_move(vertices, u, simplex, cycle);
      if (is_better(candidate, best)) best = candidate;
      execution_->poll(64);
    });
    if (!(best.gain > 0) && best.fewer <= 0) return false;
    for (unsigned i = 0; i <= dimension_ + 1; ++i) set(best.keys[i], best.values[i], cycle);
    return true;
  }

  static bool is_better(const Move& a, const Move& b) noexcept {
    return a.gain != b.gain ? a.gain > b.gain : a.fewer > b.fewer;
  }

  /// The cycle's coefficients on the facets of simplex ∪ u, after the multiple of its boundary that makes `simplex` vanish.
  Move make_move(const std::uint32_t* simplex_vertices, std::uint32_t u, Word simplex, const RawVector<Element>& cycle) const {
    const unsigned count = dimension_ + 2;
    std::uint32_t vertices[max_simplex_size];
    std::copy(simplex_vertices, simplex_vertices + count - 1, vertices);
    vertices[count - 1] = u;
    std::sort(vertices, vertices + count);
    Move move;
    facet_keys(*graph_, *coder_, vertices, count - 1, move.keys);
    std::uint32_t scale = 0;
    for (unsigned i = 0; i < count; ++i) {
      move.values[i] = value_in(cycle, move.keys[i]);
      if (move.keys[i] == simplex) scale = (i & 1) != 0 ? move.values[i] : field_.negate(move.values[i]);
    }
    double removed = 0;
    double added = 0;
    for (unsigned i = 0; i < count; ++i) {
      const std::uint32_t was = move.values[i];
      move.values[i] = field_.add(was, (i & 1) != 0 ? field_.negate(scale) : scale);
      if (was != 0 && move.values[i] == 0) {
        removed += weight(move.keys[i]);
        ++move.fewer;
      } else if (was == 0 && move.values[i] != 0) {
        added += weight(move.keys[i]);
        --move.fewer;
      }
    }
    move.gain = removed - added;
    return move;
  }

  void set(Word key, std::uint32_t value, RawVector<Element>& cycle) {
    const auto place = std::lower_bound(cycle.begin(), cycle.end(), key, before);
    const bool is_there = place != cycle.end() && place->key == key;
    if (value == 0) {
      if (is_there) cycle.erase(place);
    } else if (is_there) {
      place->coefficient = Field::store(value);
    } else {
      cycle.insert(place, {key, Field::store(value)});
    }
    execution_->poll(8 + cycle.size() / 64);
  }

  const Graph* graph_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  unsigned dimension_;
  EdgeLengths lengths_;
  Execution* execution_;
};

}  // namespace tda::detail
