// SPDX-License-Identifier: Apache-2.0
//
// Calls with an approximation, and the check of what they promise.
#pragma once

#include "support/rips_call.hpp"

namespace tda::test {

tda_rips_options sparse_rips(tda_rips_options options, double epsilon);
tda_rips_options subsample(tda_rips_options options, std::uint64_t points);

/// Computes `input` exactly and approximately and expects the stated bound to hold in every dimension. `relative`: rounding of the scalar type.
/// Returns the approximate outcome.
Outcome expect_bound_holds(const Input& input, const tda_rips_options& approximate, double relative = 1e-12);

}  // namespace tda::test
