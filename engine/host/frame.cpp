// SPDX-License-Identifier: Apache-2.0
#include "frame.hpp"

#include <bit>
#include <cstring>

#include "request.hpp"

static_assert(std::endian::native == std::endian::little, "the protocol is little-endian and read in place");

namespace tda::host {
namespace {

// The lengths that a type sent to a host may have.
bool is_length_possible(FrameType type, std::uint64_t payload_bytes) noexcept {
  if (type == FrameType::request) {
    return payload_bytes >= sizeof(RequestHead) && payload_bytes % array_alignment == 0;
  }
  return payload_bytes == 0;
}

}  // namespace

const char* describe(ProtocolError error) noexcept {
  switch (error) {
    case ProtocolError::bad_magic: return "The stream does not hold a frame here.";
    case ProtocolError::unsupported_version: return "This version of the protocol is not supported.";
    case ProtocolError::unexpected_type: return "A host does not accept frames of this type.";
    case ProtocolError::invalid_header: return "The frame's header is not valid.";
    case ProtocolError::frame_too_long: return "The frame is longer than this host's limit.";
    case ProtocolError::invalid_request: return "The request's head does not match its payload.";
    case ProtocolError::busy: return "The host is computing another request.";
    case ProtocolError::truncated: return "The stream ended within a frame.";
  }
  return "The protocol was broken.";
}

std::expected<FrameHeader, ProtocolError> parse_header(std::span<const std::byte, frame_header_bytes> bytes,
                                                       std::uint64_t max_payload_bytes) noexcept {
  FrameHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != frame_magic) return std::unexpected(ProtocolError::bad_magic);
  if (header.version != protocol_version) return std::unexpected(ProtocolError::unsupported_version);

  const auto type = static_cast<FrameType>(header.type);
  const bool is_accepted = type == FrameType::request || type == FrameType::cancel || type == FrameType::ping;
  if (!is_accepted) return std::unexpected(ProtocolError::unexpected_type);

  // Request ids name an answer; 0 is kept for frames that belong to no request.
  const bool is_id_possible = header.request_id != 0 || type == FrameType::ping;
  if (!is_id_possible || header.detail != 0 || header.reserved != 0) {
    return std::unexpected(ProtocolError::invalid_header);
  }
  if (header.payload_bytes > max_payload_bytes) return std::unexpected(ProtocolError::frame_too_long);
  if (!is_length_possible(type, header.payload_bytes)) return std::unexpected(ProtocolError::invalid_header);
  return header;
}

}  // namespace tda::host
