// SPDX-License-Identifier: Apache-2.0
//
// What the host asks of the operating system about its own process.
#pragma once

#include <cstdint>

#include "messages.hpp"

namespace tda::host {

[[nodiscard]] std::uint64_t current_process_id() noexcept;

/// Resident memory now and at most. Zeros where the system does not say.
[[nodiscard]] MemoryUse current_memory_use() noexcept;

/// Gives freed memory back to the system, so that the resident size tells what is in use.
void release_free_memory() noexcept;

/// Own process group; SIGINT, SIGTERM, SIGHUP and SIGPIPE ignored (the parent decides when a host ends: by closing its
/// stdin or by SIGKILL); first in the out-of-memory killer's order; no core dumps, which would hold the caller's data.
void settle_process() noexcept;

/// Ends this process when the thread that started it ends (Linux). False: `parent_process_id` is no longer the
/// parent, so the signal would never come.
[[nodiscard]] bool die_with_parent(std::uint64_t parent_process_id) noexcept;

/// The hard stop below the engine's own budget: allocations beyond it fail. False: refused by the system.
[[nodiscard]] bool limit_address_space(std::uint64_t bytes) noexcept;

}  // namespace tda::host
