// SPDX-License-Identifier: Apache-2.0
#include "support/rips_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace tda::test {
namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

void expect_well_formed(const Diagrams& diagrams) {
  for (const Diagram& diagram : diagrams) {
    EXPECT_TRUE(std::ranges::is_sorted(diagram)) << to_string(diagrams);
    for (const Bar& bar : diagram) {
      EXPECT_TRUE(bar.birth < bar.death) << to_string(diagrams);  // also false for NaN
      EXPECT_TRUE(bar.birth >= 0) << to_string(diagrams);
    }
  }
}

}  // namespace

tda_rips_options rips_options(std::uint32_t max_dimension, double threshold, std::uint32_t field) {
  tda_rips_options options;
  tda_rips_options_init(&options);
  options.max_dimension = max_dimension;
  options.threshold = threshold;
  options.coefficient_field = field;
  return options;
}

Outcome compute(BorrowedInput& input, const tda_rips_options& options, const tda_control* control) {
  Outcome outcome;
  outcome.error.struct_size = sizeof outcome.error;
  outcome.statistics.struct_size = sizeof outcome.statistics;
  tda_result* result = nullptr;
  outcome.status = tda_vietoris_rips(input.get(), &options, control, &result, &outcome.error);
  EXPECT_EQ(result != nullptr, outcome.status == TDA_OK);
  EXPECT_TRUE(input.is_untouched());
  if (result == nullptr) {
    EXPECT_EQ(outcome.error.status, static_cast<std::uint32_t>(outcome.status));
    EXPECT_NE(std::memchr(outcome.error.message, 0, sizeof outcome.error.message), nullptr);
    EXPECT_NE(outcome.error.message[0], 0) << tda_status_name(outcome.status);
    return outcome;
  }
  tda_result_statistics(result, &outcome.statistics);
  EXPECT_EQ(tda_result_diagram_count(result), options.max_dimension + 1);
  outcome.diagrams.resize(tda_result_diagram_count(result));
  for (std::uint32_t dimension = 0; dimension < outcome.diagrams.size(); ++dimension) {
    std::uint64_t count = 0;
    const double* pairs = tda_result_diagram(result, dimension, &count);
    for (std::uint64_t i = 0; i < count; ++i) outcome.diagrams[dimension].push_back({pairs[2 * i], pairs[2 * i + 1]});
  }
  tda_result_free(result);
  expect_well_formed(outcome.diagrams);
  return outcome;
}

Outcome compute(const Input& input, const tda_rips_options& options, const tda_control* control) {
  BorrowedInput borrowed(input);
  return compute(borrowed, options, control);
}

bool same_bytes(const Diagrams& a, const Diagrams& b) {
  return std::ranges::equal(a, b, [](const Diagram& x, const Diagram& y) {
    return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(Bar)) == 0);
  });
}

std::vector<std::uint32_t> available_simd_targets() {
  std::vector<std::uint32_t> targets;
  for (std::uint32_t target : {TDA_SIMD_BASELINE, TDA_SIMD_AVX2, TDA_SIMD_AVX512, TDA_SIMD_NEON, TDA_SIMD_WASM128}) {
    if (tda_simd_target_available(target)) targets.push_back(target);
  }
  return targets;
}

std::string to_string(const Input& input, const tda_rips_options& options) {
  std::string text = "\nkind " + std::to_string(input.kind) + " scalar " + std::to_string(input.scalar) + " metric " +
                     std::to_string(input.metric) + " minkowski_p " + number(input.minkowski_p) + " rows " +
                     std::to_string(input.rows) + " columns " + std::to_string(input.columns) + "\nmax_dimension " +
                     std::to_string(options.max_dimension) + " threshold " + number(options.threshold) + " field " +
                     std::to_string(options.coefficient_field) + " simd " + std::to_string(options.simd_target) +
                     "\nvalues";
  for (double value : input.values) text += ' ' + number(value);
  if (!input.row_indices.empty()) {
    text += "\npairs";
    for (std::size_t i = 0; i < input.row_indices.size(); ++i)
      text += ' ' + std::to_string(input.row_indices[i]) + ':' + std::to_string(input.column_indices[i]);
  }
  return text;
}

}  // namespace tda::test
