// SPDX-License-Identifier: Apache-2.0
#include "features/persistence_sums.hpp"

#include <algorithm>
#include <cmath>

#include "features/elementary.hpp"
#include "features/wasserstein.hpp"

namespace tda::detail {
namespace {

Expected<RawVector<double>> sorted_lengths(const DiagramPoints& points, Execution& execution) {
  RawVector<double> lengths(execution.budget());
  lengths.reserve(points.finite.size());
  for (const Bar& bar : points.finite) lengths.push_back(bar.death - bar.birth);
  std::sort(lengths.begin(), lengths.end(), [&](double a, double b) {
    execution.poll(1);
    return a < b;
  });
  if (!lengths.empty() && std::isinf(lengths.back())) return fail_overflow();
  return lengths;
}

/// A sum that carries what its additions round off along (A. Neumaier, Z. Angew. Math. Mech. 54 (1974)).
class CarefulSum {
 public:
  void add(double value) noexcept {
    const double next = sum_ + value;
    lost_ += std::fabs(sum_) >= std::fabs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  double total() const noexcept { return std::isinf(sum_) ? sum_ : sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

double sum(const RawVector<double>& values) noexcept {
  CarefulSum careful;
  for (const double value : values) careful.add(value);
  return careful.total();
}

}  // namespace

Expected<void> total_persistence(const DiagramPoints& points, double order, const KernelTable& kernels, FeatureValues& out,
                                 Execution& execution) {
  if (!(order >= 0 && order <= most_order))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The order of a total persistence is from 0 to 64."});
  Expected<RawVector<double>> powers = sorted_lengths(points, execution);
  if (!powers) return std::unexpected(powers.error());
  execution.poll(32 * powers->size());
  if (order == 0) {
    std::fill(powers->begin(), powers->end(), 1.0);
  } else if (order == 2) {
    for (double& length : *powers) length *= length;
  } else if (order != 1 && !powers->empty()) {
    // The kernel needs results below 2^1023.
    if ((std::ilogb(powers->back()) + 1) * order >= 1023) return fail_overflow();
    kernels.distance.power(powers->data(), order, powers->data(), powers->size());
  }
  const double total = sum(*powers);
  if (std::isinf(total)) return fail_overflow();
  out.push_back(total);
  return {};
}

Expected<void> persistence_entropy(const DiagramPoints& points, FeatureValues& out, Execution& execution) {
  Expected<RawVector<double>> lengths = sorted_lengths(points, execution);
  if (!lengths) return std::unexpected(lengths.error());
  const double total = sum(*lengths);
  if (std::isinf(total)) return fail_overflow();
  CarefulSum entropy;
  for (const double length : *lengths) {
    const double share = length / total;
    // So small a share adds nothing; its logarithm does not exist.
    if (share > 0) entropy.add(-(share * natural_logarithm(share)));
    execution.poll(16);
  }
  out.push_back(entropy.total() == 0 ? 0.0 : entropy.total());
  return {};
}

}  // namespace tda::detail
