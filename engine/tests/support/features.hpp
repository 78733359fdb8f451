// SPDX-License-Identifier: Apache-2.0
//
// Features as the tests ask for them: a feature that owns its arrays, and a call that gives what came out.
#pragma once

#include <cstdint>
#include <vector>

#include "support/diagram.hpp"
#include "support/random.hpp"
#include "tda/features.h"

namespace tda::test {

struct Feature {
  tda_feature head;
  std::vector<double> first;
  std::vector<double> second;
};

struct FeatureOutcome {
  tda_status status = TDA_ERROR_INTERNAL;
  tda_error error{};
  std::vector<std::vector<double>> values;
  std::uint64_t peak_bytes = 0;

  /// The only number of the only feature; NaN and a test failure if there is none.
  double number() const;
};

std::vector<double> numbers_of(const Diagram& diagram);
Feature summary_of(tda_feature_kind kind, const Diagram& diagram);
Feature distance_of(tda_feature_kind kind, const Diagram& first, const Diagram& second);
Feature wasserstein_of(const Diagram& first, const Diagram& second, double order, tda_diagram_norm norm);
Feature on_grid(Feature feature, double start, double end, std::uint64_t points);
Feature takens_of(std::vector<double> series, std::uint64_t columns, std::uint64_t dimension, std::uint64_t delay, std::uint64_t skip);
Feature farthest_of(std::vector<double> points, std::uint64_t columns, std::uint64_t count);
Feature z_score_of(std::vector<double> history, std::vector<double> values);

/// Calls tda_compute_features, and tda_compute_packed_features with the same, which must not differ in any byte.
FeatureOutcome compute(const std::vector<Feature>& features, const tda_feature_options* options = nullptr,
                       const tda_control* control = nullptr);
inline FeatureOutcome compute(const Feature& feature) { return compute(std::vector{feature}); }

/// The form of tda_compute_packed_features.
std::vector<double> packed(const std::vector<Feature>& features);

/// Bars with births in [0, 1) and lengths up to 1, on a lattice of 1/8 where `coarse`, so that ties are common; sorted.
Diagram random_diagram(std::uint32_t bars, std::uint32_t essential, bool coarse, Random& random);

}  // namespace tda::test
