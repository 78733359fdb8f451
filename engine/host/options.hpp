// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>

namespace tda::host {

struct HostOptions {
  /// REQUEST payloads above this are refused before memory is taken for them.
  std::uint64_t max_payload_bytes = std::uint64_t{8} << 30;
  /// Upper bound of every request's memory budget; 0 = none.
  std::uint64_t memory_limit_bytes = 0;
  /// RLIMIT_AS; 0 = none.
  std::uint64_t address_space_bytes = 0;
  /// End with this process (its starting thread, on Linux).
  std::optional<std::uint64_t> parent_process_id;
  bool is_version_asked = false;
};

/// Reads `--name value` pairs. The error is a sentence for people.
[[nodiscard]] std::expected<HostOptions, std::string> parse_options(std::span<const char* const> arguments);

}  // namespace tda::host
