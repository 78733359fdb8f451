// SPDX-License-Identifier: Apache-2.0
//
// PartialAssignment: the cheapest way to give rows to columns, or leave them alone at a price each.
//
// Successive shortest paths with potentials (J. Edmonds, R. Karp, J. ACM 19 (1972); R. Jonker, A. Volgenant, Computing 38 (1987)): rows come in one by one; each takes the
// cheapest alternating path to a column that is free or to a row that is then left alone. Costs are fixed-point integers of 128 bits, so all sums
// are exact, and so is the optimum.
//
// A column that is taken saves its price. Since being left alone bounds every path, |potential| <= 2 · the largest price: nothing overflows.
// The edges of a row are sorted by cost, and potentials of columns are never above 0: a row is read only up to the best end found so far.
// Cost: at worst O(rows · edges · log), for geometric costs near the number of edges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "exec/arena.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

using Fixed = __int128;

class PartialAssignment {
 public:
  /// `price[j]`: what leaving column j alone costs, >= 0.
  PartialAssignment(RawVector<Fixed> price, Execution& execution);

  struct Edge {
    Fixed cost;
    std::uint32_t column;
  };
  /// Adds a row and assigns it. `price`: of leaving it alone; `edges`: what taking a column costs, >= 0; sorted here.
  void add_row(Fixed price, std::span<Edge> edges);

  /// The least cost of all rows so far and all columns.
  Fixed total() const;

 private:
  static constexpr std::uint32_t nobody = UINT32_MAX;

  struct Row {
    const Fixed* cost;  // less the price of the column, ascending
    const std::uint32_t* column;
    std::uint32_t edge_count;
    std::uint32_t partner;  // a column; nobody: left alone
    Fixed partner_cost;     // of the edge to it
    Fixed price;
    Fixed potential;
  };
  struct Visit {
    Fixed distance;
    std::uint32_t column;
  };
  /// Of one search, by column.
  struct Label {
    Fixed distance;
    Fixed edge_cost;
    std::uint32_t row;     // where the path comes from
    std::uint32_t search;  // the one that wrote this
  };

  void assign(std::uint32_t row);
  void scan(std::uint32_t row, Fixed distance);

  Execution& execution_;
  Arena arena_;
  RawVector<Fixed> column_price_;
  RawVector<Fixed> column_potential_;
  RawVector<std::uint32_t> row_of_;  // of a column
  Vector<Row> rows_;
  RawVector<Label> label_;
  RawVector<Visit> queue_;    // a heap, least distance first
  RawVector<Visit> settled_;  // columns that the present search has left behind
  Fixed best_end_ = 0;        // the cheapest path of the present search
  std::uint32_t end_row_ = nobody;     // the row that it leaves alone, or
  std::uint32_t end_column_ = nobody;  // the free column that it ends in
};

}  // namespace tda::detail
