// SPDX-License-Identifier: Apache-2.0
//
// Whether to collapse edges, and how far.
#pragma once

#include <cstdint>
#include <optional>

#include "collapse/edge_collapse.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// Nothing: leave the edges as they are; always so with representatives, which are chains of the filtration as it was given.
/// TDA_COLLAPSE_ON collapses to the end. TDA_COLLAPSE_AUTO collapses where it is likely to save time: from dimension 2 on, with half of the memory that
/// is left to spare, and each pass only for as long as it brings more than it costs, which it finds out on the way (on an input that loses no edges,
/// after a hundredth of them). `truncated`: the threshold is below the enclosing radius.
std::optional<CollapsePlan> plan_collapse(const tda_rips_options& options, std::uint32_t vertex_count, std::uint32_t edge_count,
                                          bool truncated, const Budget& budget) noexcept;

}  // namespace tda::detail
