// SPDX-License-Identifier: Apache-2.0
#include "features/point_tree.hpp"

#include <algorithm>
#include <utility>

namespace tda::detail {

PointTree::PointTree(std::span<const Bar> bars, Execution& execution)
    : bars_(bars), execution_(execution), order_(execution.budget()), nodes_(execution.budget()), roots_(execution.budget()) {}

void PointTree::clear() noexcept {
  order_.clear();
  nodes_.clear();
  roots_.clear();
}

std::uint32_t PointTree::add_tree(std::span<const std::uint32_t> members) {
  const auto begin = static_cast<std::uint32_t>(order_.size());
  order_.insert(order_.end(), members.begin(), members.end());
  const auto end = static_cast<std::uint32_t>(order_.size());
  roots_.push_back(begin == end ? nobody : build(begin, end));
  return static_cast<std::uint32_t>(roots_.size() - 1);
}

void PointTree::add_all() {
  order_.resize(bars_.size());
  for (std::uint32_t i = 0; i < order_.size(); ++i) order_[i] = i;
  roots_.push_back(order_.empty() ? nobody : build(0, static_cast<std::uint32_t>(order_.size())));
}

void PointTree::restore() noexcept {
  for (Node& node : nodes_) node.left = node.end - node.begin;
}

std::uint32_t PointTree::take(std::uint32_t tree, const Bar& query, double radius) {
  return roots_[tree] == nobody ? nobody : take_within(roots_[tree], query, radius);
}

std::uint32_t PointTree::build(std::uint32_t begin, std::uint32_t end) {
  execution_.poll(4 * (end - begin));
  Node node{.least_birth = bars_[order_[begin]].birth,
            .most_birth = bars_[order_[begin]].birth,
            .least_death = bars_[order_[begin]].death,
            .most_death = bars_[order_[begin]].death,
            .begin = begin,
            .end = end,
            .left = end - begin,
            .right = nobody};
  for (std::uint32_t i = begin + 1; i < end; ++i) {
    const Bar& bar = bars_[order_[i]];
    node.least_birth = std::min(node.least_birth, bar.birth);
    node.most_birth = std::max(node.most_birth, bar.birth);
    node.least_death = std::min(node.least_death, bar.death);
    node.most_death = std::max(node.most_death, bar.death);
  }
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(node);
  if (end - begin <= most_leaf_bars) return number;
  // Halves, so that the sides over which the widths are compared do not overflow.
  const bool by_birth = node.most_birth / 2 - node.least_birth / 2 > node.most_death / 2 - node.least_death / 2;
  const std::uint32_t middle = begin + (end - begin) / 2;
  std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end, [&](std::uint32_t a, std::uint32_t b) {
    return by_birth ? bars_[a].birth < bars_[b].birth : bars_[a].death < bars_[b].death;
  });
  build(begin, middle);
  const std::uint32_t right = build(middle, end);
  nodes_[number].right = right;
  return number;
}

double PointTree::gap(const Node& node, const Bar& query) noexcept {
  const double births = std::max(node.least_birth - query.birth, query.birth - node.most_birth);
  const double deaths = std::max(node.least_death - query.death, query.death - node.most_death);
  return std::max({births, deaths, 0.0});
}

double PointTree::reach(const Node& node, const Bar& query) noexcept {
  const double births = std::max(query.birth - node.least_birth, node.most_birth - query.birth);
  const double deaths = std::max(query.death - node.least_death, node.most_death - query.death);
  return std::max(births, deaths);
}

std::uint32_t PointTree::take_within(std::uint32_t number, const Bar& query, double radius) {
  Node& node = nodes_[number];
  execution_.poll(1);
  if (node.left == 0 || gap(node, query) > radius) return nobody;
  std::uint32_t taken = nobody;
  if (node.right == nobody) {
    for (std::uint32_t i = node.begin; i < node.begin + node.left; ++i) {
      if (bar_distance(query, bars_[order_[i]]) > radius) continue;
      taken = order_[i];
      std::swap(order_[i], order_[node.begin + node.left - 1]);
      break;
    }
  } else {
    taken = take_within(number + 1, query, radius);
    if (taken == nobody) taken = take_within(node.right, query, radius);
  }
  if (taken != nobody) --node.left;
  return taken;
}

}  // namespace tda::detail
