// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// The errors 2xx of tda.h that concern the options alone. O(√ coefficient_field).
Expected<void> validate_options(const tda_rips_options& options);

/// The most threads that the computation may use: as asked for, or as many as the system runs at once; at most 256.
unsigned thread_count(const tda_rips_options& options) noexcept;

}  // namespace tda::detail
