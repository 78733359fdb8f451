// SPDX-License-Identifier: Apache-2.0
//
// Frames of the engine-host protocol, version 1 (docs/reference/engine-host-protocol.md). No I/O and no allocation here:
// these functions see bytes that came from outside, and are fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

namespace tda::host {

inline constexpr std::uint32_t frame_magic = 0x46414454;  // "TDAF" in the order of the stream
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t frame_header_bytes = 32;
/// Arrays start at multiples of this within a payload, and payloads are stored at such addresses.
inline constexpr std::size_t array_alignment = 64;

enum class FrameType : std::uint16_t {
  hello = 1,
  request = 2,
  cancel = 3,
  progress = 4,
  diagram = 5,
  result = 6,
  estimate = 7,
  error = 8,
  ping = 9,
  pong = 10,
  representatives = 11,
  coordinates = 12,
  values = 13,
};

/// Broken-protocol codes of ERROR frames; stable, apart from the numbers of tda_status. The host exits after each.
enum class ProtocolError : std::uint32_t {
  bad_magic = 1000,
  unsupported_version = 1001,
  unexpected_type = 1002,   // unknown, or one that only a host sends
  invalid_header = 1003,    // a reserved field is set, or the length is impossible for the type
  frame_too_long = 1004,    // above the host's limit
  invalid_request = 1005,   // the request's head contradicts itself or the payload
  busy = 1006,              // a request while another is being computed
  truncated = 1007,         // the stream ended within a frame
};

[[nodiscard]] const char* describe(ProtocolError error) noexcept;

struct FrameHeader {
  std::uint32_t magic = frame_magic;
  std::uint16_t version = protocol_version;
  std::uint16_t type = 0;
  std::uint64_t request_id = 0;
  std::uint64_t payload_bytes = 0;
  std::uint32_t detail = 0;  // DIAGRAM, REPRESENTATIVES: the homology dimension; 0 elsewhere
  std::uint32_t reserved = 0;
};
static_assert(sizeof(FrameHeader) == frame_header_bytes);

/// Reads and checks the header of a frame sent to a host. Nothing may be allocated for a payload before this has accepted it.
[[nodiscard]] std::expected<FrameHeader, ProtocolError> parse_header(
    std::span<const std::byte, frame_header_bytes> bytes, std::uint64_t max_payload_bytes) noexcept;

}  // namespace tda::host
