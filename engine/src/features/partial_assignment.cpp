// SPDX-License-Identifier: Apache-2.0
#include "features/partial_assignment.hpp"

#include <algorithm>
#include <utility>

namespace tda::detail {

PartialAssignment::PartialAssignment(RawVector<Fixed> price, Execution& execution)
    : execution_(execution),
      arena_(execution.budget()),
      column_price_(std::move(price)),
      column_potential_(execution.budget()),
      row_of_(execution.budget()),
      rows_(execution.budget()),
      label_(execution.budget()),
      queue_(execution.budget()),
      settled_(execution.budget()) {
  column_potential_.assign(column_price_.size(), 0);
  row_of_.assign(column_price_.size(), nobody);
  label_.assign(column_price_.size(), {.distance = 0, .edge_cost = 0, .row = nobody, .search = nobody});
}

void PartialAssignment::add_row(Fixed price, std::span<Edge> edges) {
  for (Edge& edge : edges) edge.cost -= column_price_[edge.column];
  std::sort(edges.begin(), edges.end(), [&](const Edge& a, const Edge& b) {
    execution_.poll(1);
    return a.cost < b.cost || (a.cost == b.cost && a.column < b.column);
  });
  Fixed* const cost = arena_.allocate<Fixed>(edges.size());
  auto* const column = arena_.allocate<std::uint32_t>(edges.size());
  for (std::size_t k = 0; k < edges.size(); ++k) {
    cost[k] = edges[k].cost;
    column[k] = edges[k].column;
  }
  rows_.push_back({.cost = cost,
                   .column = column,
                   .edge_count = static_cast<std::uint32_t>(edges.size()),
                   .partner = nobody,
                   .partner_cost = 0,
                   .price = price,
                   .potential = 0});
  assign(static_cast<std::uint32_t>(rows_.size() - 1));
}

// Dijkstra on reduced costs: those of edges between rows that are in and columns are never negative, those of partners 0. The new row's potential counts as 0.
void PartialAssignment::assign(std::uint32_t new_row) {
  queue_.clear();
  settled_.clear();
  best_end_ = rows_[new_row].price;
  end_row_ = new_row;
  end_column_ = nobody;
  scan(new_row, 0);
  const auto later = [](const Visit& a, const Visit& b) {
    return a.distance > b.distance || (a.distance == b.distance && a.column > b.column);
  };
  while (!queue_.empty() && queue_.front().distance < best_end_) {
    const Visit visit = queue_.front();
    std::pop_heap(queue_.begin(), queue_.end(), later);
    queue_.pop_back();
    execution_.poll(8);
    if (visit.distance > label_[visit.column].distance) continue;  // an older entry
    settled_.push_back(visit);
    scan(row_of_[visit.column], visit.distance);
  }

  for (const Visit& visit : settled_) {
    column_potential_[visit.column] += visit.distance - best_end_;
    rows_[row_of_[visit.column]].potential += best_end_ - visit.distance;
  }
  rows_[new_row].potential = best_end_;
  execution_.poll(settled_.size());

  std::uint32_t column = end_column_;
  if (end_row_ != nobody) column = std::exchange(rows_[end_row_].partner, nobody);
  // Each row of the path takes the column that the next one had.
  while (column != nobody) {
    const Label& label = label_[column];
    Row& row = rows_[label.row];
    row_of_[column] = label.row;
    const std::uint32_t before = std::exchange(row.partner, column);
    row.partner_cost = label.edge_cost;
    column = before;
    execution_.poll(1);
  }
}

// The edges of a row at `distance` from the new one, up to the best end.
void PartialAssignment::scan(std::uint32_t number, Fixed distance) {
  const auto later = [](const Visit& a, const Visit& b) {
    return a.distance > b.distance || (a.distance == b.distance && a.column > b.column);
  };
  const auto search = static_cast<std::uint32_t>(rows_.size() - 1);
  const Row& row = rows_[number];
  const Fixed base = distance - row.potential;
  if (base + row.price < best_end_) {
    best_end_ = base + row.price;
    end_row_ = number;
    end_column_ = nobody;
  }
  std::uint32_t k = 0;
  for (; k < row.edge_count && base + row.cost[k] < best_end_; ++k) {
    const std::uint32_t column = row.column[k];
    const Fixed reached = base + row.cost[k] - column_potential_[column];
    if (reached >= best_end_) continue;
    Label& label = label_[column];
    if (label.search == search && label.distance <= reached) continue;
    label = {.distance = reached, .edge_cost = row.cost[k], .row = number, .search = search};
    if (row_of_[column] == nobody) {
      best_end_ = reached;
      end_column_ = column;
      end_row_ = nobody;
    } else {
      queue_.push_back({reached, column});
      std::push_heap(queue_.begin(), queue_.end(), later);
    }
  }
  execution_.poll(2 + 2 * std::uint64_t{k});
}

Fixed PartialAssignment::total() const {
  Fixed sum = 0;
  for (const Fixed price : column_price_) sum += price;
  for (const Row& row : rows_) sum += row.partner == nobody ? row.price : row.partner_cost;
  return sum;
}

}  // namespace tda::detail
