// SPDX-License-Identifier: Apache-2.0
#include "support/bottleneck.hpp"

#include <algorithm>
#include <cmath>

namespace tda::test {
namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

/// Kuhn's augmenting paths.
class Matching {
 public:
  explicit Matching(std::vector<std::vector<std::size_t>> partners, std::size_t right)
      : partners_(std::move(partners)), left_of_(right, nobody), seen_(right) {}

  bool is_perfect() {
    for (std::size_t left = 0; left < partners_.size(); ++left) {
      std::fill(seen_.begin(), seen_.end(), false);
      if (!augment(left)) return false;
    }
    return true;
  }

 private:
  bool augment(std::size_t left) {
    for (const std::size_t right : partners_[left]) {
      if (seen_[right]) continue;
      seen_[right] = true;
      if (left_of_[right] == nobody || augment(left_of_[right])) {
        left_of_[right] = left;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> partners_;
  std::vector<std::size_t> left_of_;
  std::vector<bool> seen_;
};

double gap(double x, double y) { return x == y ? 0 : std::fabs(x - y); }
double cost(const Bar& x, const Bar& y) { return std::max(gap(x.birth, y.birth), gap(x.death, y.death)); }
double cost(const Bar& x) { return (x.death - x.birth) / 2; }

}  // namespace

// Each bar of one diagram faces the bars of the other and a place of its own on the diagonal; places on the diagonal match one another.
bool can_be_matched(const Diagram& a, const Diagram& b, const MatchingRule& rule) {
  const std::size_t size = a.size() + b.size();
  std::vector<std::vector<std::size_t>> partners(size);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j)
      if (rule.may_match(a[i], b[j])) partners[i].push_back(j);
    if (rule.may_be_left(a[i])) partners[i].push_back(b.size() + i);
  }
  for (std::size_t j = 0; j < b.size(); ++j) {
    std::vector<std::size_t>& of_diagonal = partners[a.size() + j];
    if (rule.may_be_left(b[j])) of_diagonal.push_back(j);
    for (std::size_t i = 0; i < a.size(); ++i) of_diagonal.push_back(b.size() + i);
  }
  return Matching(std::move(partners), size).is_perfect();
}

double bottleneck_distance(const Diagram& a, const Diagram& b) {
  std::vector<double> candidates{0};
  for (const Bar& x : a) {
    candidates.push_back(cost(x));
    for (const Bar& y : b) candidates.push_back(cost(x, y));
  }
  for (const Bar& y : b) candidates.push_back(cost(y));
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const auto enough = std::ranges::partition_point(candidates, [&](double limit) {
    return !can_be_matched(a, b, {.may_match = [=](const Bar& x, const Bar& y) { return cost(x, y) <= limit; },
                                  .may_be_left = [=](const Bar& x) { return cost(x) <= limit; }});
  });
  return enough == candidates.end() ? infinity : *enough;
}

Diagram truncated(const Diagram& diagram, double threshold) {
  Diagram seen;
  for (const Bar& bar : diagram)
    if (bar.birth <= threshold) seen.push_back({bar.birth, bar.death <= threshold ? bar.death : infinity});
  std::ranges::sort(seen);
  return seen;
}

}  // namespace tda::test
