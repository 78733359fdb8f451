// SPDX-License-Identifier: Apache-2.0
#include "circular/least_squares.hpp"

#include <cmath>
#include <utility>

namespace tda::detail {
namespace {

/// Vectors over the vertices, and the Laplacian of the graph.
class Laplacian {
 public:
  Laplacian(const EdgeCochain& cochain, Execution& execution) : cochain_(&cochain), execution_(&execution) {}

  std::uint32_t size() const noexcept { return cochain_->vertex_count(); }

  RawVector<double> zeros() const {
    RawVector<double> vector(execution_->budget());
    vector.assign(size(), 0.0);
    return vector;
  }

  void apply(const RawVector<double>& x, RawVector<double>& out) const {
    for (std::uint32_t v = 0; v < size(); ++v) {
      const auto steps = cochain_->steps(v);
      double sum = 0;
      for (const CochainStep& step : steps) sum += x[v] - x[step.vertex];
      out[v] = sum;
      execution_->poll(steps.size() + 1);
    }
  }

  /// Divides by the degrees.
  void precondition(const RawVector<double>& x, RawVector<double>& out) const {
    for (std::uint32_t v = 0; v < size(); ++v) {
      const std::size_t degree = cochain_->steps(v).size();
      out[v] = degree == 0 ? 0 : x[v] / static_cast<double>(degree);
    }
    execution_->poll(size());
  }

  double dot(const RawVector<double>& x, const RawVector<double>& y) const {
    double sum = 0;
    for (std::uint32_t v = 0; v < size(); ++v) sum += x[v] * y[v];
    execution_->poll(size());
    return sum;
  }

  /// x += factor · y
  void add(RawVector<double>& x, double factor, const RawVector<double>& y) const {
    for (std::uint32_t v = 0; v < size(); ++v) x[v] += factor * y[v];
    execution_->poll(size());
  }

 private:
  const EdgeCochain* cochain_;
  Execution* execution_;
};

/// δ*α: of each vertex, what comes in less what goes out.
RawVector<double> divergence(const EdgeCochain& cochain, const Laplacian& laplacian, Execution& execution) {
  RawVector<double> out = laplacian.zeros();
  for (const CochainEdge& e : cochain.edges()) {
    out[e.high] += e.value;
    out[e.low] -= e.value;
    execution.poll(1);
  }
  return out;
}

/// Adds a constant on each component so that its first vertex is at 0.
void settle(const EdgeCochain& cochain, RawVector<double>& potential, Execution& execution) {
  Vector<std::uint8_t> is_seen(cochain.vertex_count(), 0, execution.budget());
  RawVector<std::uint32_t> waiting(execution.budget());
  for (std::uint32_t first = 0; first < cochain.vertex_count(); ++first) {
    execution.poll(1);
    if (is_seen[first] != 0) continue;
    const double base = potential[first];
    is_seen[first] = 1;
    waiting.push_back(first);
    while (!waiting.empty()) {
      const std::uint32_t v = waiting.back();
      waiting.pop_back();
      potential[v] -= base;
      for (const CochainStep& step : cochain.steps(v)) {
        if (std::exchange(is_seen[step.vertex], std::uint8_t{1}) == 0) waiting.push_back(step.vertex);
      }
      execution.poll(cochain.steps(v).size() + 1);
    }
  }
}

}  // namespace

LeastSquares solve_least_squares(const EdgeCochain& cochain, double tolerance, std::uint64_t most_steps, Execution& execution) {
  const Laplacian laplacian(cochain, execution);
  LeastSquares out{.potential = laplacian.zeros()};
  RawVector<double> residual = divergence(cochain, laplacian, execution);
  const double scale = std::sqrt(laplacian.dot(residual, residual));
  RawVector<double> preconditioned = laplacian.zeros();
  RawVector<double> image = laplacian.zeros();
  laplacian.precondition(residual, preconditioned);
  RawVector<double> direction(preconditioned, execution.budget());
  double product = laplacian.dot(residual, preconditioned);
  double norm = scale;
  while (norm > tolerance * scale && out.steps < most_steps) {
    laplacian.apply(direction, image);
    const double curvature = laplacian.dot(direction, image);
    if (!(curvature > 0)) break;
    const double step = product / curvature;
    laplacian.add(out.potential, step, direction);
    laplacian.add(residual, -step, image);
    laplacian.precondition(residual, preconditioned);
    const double next = laplacian.dot(residual, preconditioned);
    const double ratio = next / product;
    for (std::uint32_t v = 0; v < laplacian.size(); ++v) direction[v] = preconditioned[v] + ratio * direction[v];
    execution.poll(laplacian.size());
    product = next;
    norm = std::sqrt(laplacian.dot(residual, residual));
    ++out.steps;
  }
  out.residual = scale == 0 ? 0 : norm / scale;
  settle(cochain, out.potential, execution);
  for (const CochainEdge& e : cochain.edges()) {
    const double rest = e.value - (out.potential[e.high] - out.potential[e.low]);
    out.energy += rest * rest;
    execution.poll(1);
  }
  return out;
}

}  // namespace tda::detail
