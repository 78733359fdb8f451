// SPDX-License-Identifier: Apache-2.0
//
// The two ends of the pipe: blocking reads by one thread, whole frames written by any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "frame.hpp"

namespace tda::host {

enum class ReadOutcome { complete, end_of_stream, truncated };

class Channel {
 public:
  Channel(int input, int output) noexcept : input_(input), output_(output) {}

  /// Fills `target`. end_of_stream: the stream ended (or broke) before its first byte; truncated: after it.
  [[nodiscard]] ReadOutcome read(std::span<std::byte> target) noexcept;
  /// Reads and drops `bytes`, in constant memory.
  [[nodiscard]] ReadOutcome skip(std::uint64_t bytes) noexcept;

  /// Blocks until the whole frame is with the system. False: nobody reads any more.
  bool write(FrameType type, std::uint64_t request_id, std::uint32_t detail, std::span<const std::byte> payload) noexcept;

  /// The same for a payload of several parts, each followed by zeros up to a multiple of 8 bytes.
  bool write(FrameType type, std::uint64_t request_id, std::uint32_t detail,
             std::span<const std::span<const std::byte>> parts) noexcept;

  template <typename Payload>
  bool write(FrameType type, std::uint64_t request_id, const Payload& payload) noexcept {
    return write(type, request_id, 0, std::as_bytes(std::span(&payload, 1)));
  }

  /// True when the reader of the output takes bytes now: a frame that may be left out is then worth writing.
  [[nodiscard]] bool is_writable() const noexcept;

 private:
  bool write_all(std::span<const std::byte> bytes) noexcept;

  int input_;
  int output_;
  std::mutex output_mutex_;
};

}  // namespace tda::host
