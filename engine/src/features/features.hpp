// SPDX-License-Identifier: Apache-2.0
//
// Features: numbers that are computed of diagrams, series and points (tda/features.h says which). A file for each concept; this one deals them out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "exec/execution.hpp"
#include "simd/kernel_table.hpp"
#include "tda/features.h"

namespace tda::detail {

struct ComputedFeatures {
  /// Feature i has the values offsets[i] … offsets[i + 1].
  std::vector<std::uint64_t> offsets;
  std::vector<double> values;
};

/// All of them, in order. Throws BudgetExceeded and Cancelled; the execution's dimension is then the number of the feature.
Expected<ComputedFeatures> compute_features(std::span<const tda_feature> features, const KernelTable& kernels, Execution& execution);

/// The features that packed numbers stand for (tda_compute_packed_features); their arrays lie in `numbers`.
/// TDA_ERROR_INVALID_OPTION (row): the numbers do not have that form.
Expected<Vector<tda_feature>> unpack_features(std::span<const double> numbers, Execution& execution);

/// How many numbers a row of `first` and of `second` has; 0: the kind does not read it, or is unknown.
struct RowWidths {
  std::uint64_t first, second;
};
RowWidths row_widths(std::uint32_t kind, std::uint64_t columns) noexcept;

}  // namespace tda::detail
