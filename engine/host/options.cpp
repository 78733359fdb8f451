// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <charconv>
#include <string_view>

namespace tda::host {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::expected<HostOptions, std::string> parse_options(std::span<const char* const> arguments) {
  HostOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--version") {
      options.is_version_asked = true;
      continue;
    }
    const auto number = i + 1 < arguments.size() ? parse_number(arguments[i + 1]) : std::nullopt;
    if (!number) return std::unexpected(std::string(name) + " is not an option or lacks its number.");
    ++i;
    if (name == "--max-payload-bytes") {
      options.max_payload_bytes = *number;
    } else if (name == "--memory-limit-bytes") {
      options.memory_limit_bytes = *number;
    } else if (name == "--address-space-bytes") {
      options.address_space_bytes = *number;
    } else if (name == "--parent-pid") {
      options.parent_process_id = *number;
    } else {
      return std::unexpected(std::string(name) + " is not an option of tda-engine-host.");
    }
  }
  return options;
}

}  // namespace tda::host
