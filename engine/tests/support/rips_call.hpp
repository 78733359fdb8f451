// SPDX-License-Identifier: Apache-2.0
//
// The C ABI as the tests call it: a call that checks the form of the answer and copies everything out of the result.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagram.hpp"
#include "support/input.hpp"
#include "tda/tda.h"

namespace tda::test {

/// Defaults of the ABI, with the three options that most tests vary.
tda_rips_options rips_options(std::uint32_t max_dimension, double threshold = infinity, std::uint32_t field = 2);

struct Outcome {
  tda_status status = TDA_ERROR_INTERNAL;
  tda_error error{};
  Diagrams diagrams;
  tda_rips_statistics statistics{};
};

/// Calls tda_vietoris_rips and checks what holds for every call: result is NULL exactly on failure, the error repeats the status,
/// the diagrams are sorted, hold no NaN and no empty bar, the input is unchanged. A breach is reported as a test failure.
Outcome compute(const Input& input, const tda_rips_options& options, const tda_control* control = nullptr);
Outcome compute(BorrowedInput& input, const tda_rips_options& options, const tda_control* control = nullptr);

/// Same doubles, bit by bit.
bool same_bytes(const Diagrams& a, const Diagrams& b);

/// The instruction sets that this build and this processor have.
std::vector<std::uint32_t> available_simd_targets();

/// The whole call as text, to be pasted into a test.
std::string to_string(const Input& input, const tda_rips_options& options);

}  // namespace tda::test
