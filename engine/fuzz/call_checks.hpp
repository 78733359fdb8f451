// SPDX-License-Identifier: Apache-2.0
//
// What must hold for every call of the C ABI, as a trap.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "support/diagram.hpp"
#include "tda/tda.h"

namespace tda::fuzz {

inline void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// Each bar has its simplices, each chain begins with the birth simplex.
inline void check_representatives(const tda_result* result, std::uint32_t dimension, std::uint64_t bars) {
  tda_representatives_view view{};
  view.struct_size = sizeof view;
  require(tda_result_representatives(result, dimension, &view) == TDA_OK, "there is a view of each dimension");
  if (view.kind == TDA_REPRESENTATIVES_NONE) return;
  require(view.bar_count == bars, "each bar has its simplices");
  const std::size_t size = dimension + 1;
  for (std::uint64_t i = 0; i < bars; ++i) {
    for (std::size_t j = 0; j + 1 < size; ++j)
      require(view.birth_simplices[i * size + j] < view.birth_simplices[i * size + j + 1], "vertices are ascending");
    if (view.chain_offsets == nullptr) continue;
    const std::uint64_t first = view.chain_offsets[i];
    require(first < view.chain_offsets[i + 1] && view.chain_coefficients[first] == 1 &&
                std::memcmp(view.chain_simplices + first * size, view.birth_simplices + i * size, size * sizeof(std::uint32_t)) == 0,
            "a chain begins with the birth simplex");
  }
}

inline test::Diagrams take_diagrams(tda_result* result) {
  test::Diagrams diagrams(tda_result_diagram_count(result));
  for (std::uint32_t dimension = 0; dimension < diagrams.size(); ++dimension) {
    std::uint64_t count = 0;
    const double* pairs = tda_result_diagram(result, dimension, &count);
    for (std::uint64_t k = 0; k < count; ++k) {
      const test::Bar bar{pairs[2 * k], pairs[2 * k + 1]};
      require(bar.birth >= 0 && bar.birth < bar.death && std::isfinite(bar.birth), "a bar has a finite birth before its death");
      require(diagrams[dimension].empty() || diagrams[dimension].back() <= bar, "bars are sorted");
      diagrams[dimension].push_back(bar);
    }
    check_representatives(result, dimension, count);
  }
  tda_result_free(result);
  return diagrams;
}

/// Calls the engine and checks the answer's form; empty diagrams with a status other than TDA_OK.
inline tda_status call(const tda_input& input, const tda_rips_options& options, const tda_control* control,
                       test::Diagrams& diagrams) {
  tda_error error;
  std::memset(&error, 0xaa, sizeof error);
  error.struct_size = sizeof error;
  tda_result* result = nullptr;
  const tda_status status = tda_vietoris_rips(&input, &options, control, &result, &error);
  require(std::strcmp(tda_status_name(static_cast<std::uint32_t>(status)), "TDA_ERROR_UNKNOWN") != 0, "the status is known");
  require(status != TDA_ERROR_INTERNAL, "no internal error");
  require((result != nullptr) == (status == TDA_OK), "there is a result exactly on success");
  diagrams.clear();
  if (status != TDA_OK) {
    require(error.status == static_cast<std::uint32_t>(status), "the error repeats the status");
    require(std::memchr(error.message, 0, sizeof error.message) != nullptr, "the message ends");
    return status;
  }
  tda_rips_statistics statistics{};
  statistics.struct_size = sizeof statistics;
  tda_result_statistics(result, &statistics);
  require(options.memory_limit_bytes == 0 ||
              static_cast<double>(statistics.peak_bytes) <= 1.05 * static_cast<double>(options.memory_limit_bytes),
          "the peak is within the budget");
  require(statistics.points <= input.rows, "no more points than given");
  require(tda_result_diagram_count(result) == options.max_dimension + 1, "a diagram per dimension");
  diagrams = take_diagrams(result);
  return status;
}

}  // namespace tda::fuzz
