// SPDX-License-Identifier: Apache-2.0
#include "channel.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tda::host {
namespace {

// Largest count that every system accepts in one read or write.
constexpr std::size_t chunk_bytes = std::size_t{1} << 30;

// A caller may have made its end of the pipe, and so ours, non-blocking.
bool wait_until_ready(int file, short events) noexcept {
  pollfd entry{.fd = file, .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&entry, 1, -1);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

ReadOutcome Channel::read(std::span<std::byte> target) noexcept {
  std::size_t done = 0;
  while (done < target.size()) {
    const ssize_t count = ::read(input_, target.data() + done, std::min(target.size() - done, chunk_bytes));
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN && wait_until_ready(input_, POLLIN)) {
      continue;
    } else {
      return done == 0 ? ReadOutcome::end_of_stream : ReadOutcome::truncated;
    }
  }
  return ReadOutcome::complete;
}

ReadOutcome Channel::skip(std::uint64_t bytes) noexcept {
  std::array<std::byte, 65536> sink;
  for (std::uint64_t left = bytes; left > 0;) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, sink.size()));
    if (read(std::span(sink).first(part)) != ReadOutcome::complete) return ReadOutcome::truncated;
    left -= part;
  }
  return ReadOutcome::complete;
}

bool Channel::write(FrameType type, std::uint64_t request_id, std::uint32_t detail,
                    std::span<const std::byte> payload) noexcept {
  const FrameHeader header{.type = static_cast<std::uint16_t>(type),
                           .request_id = request_id,
                           .payload_bytes = payload.size(),
                           .detail = detail};
  const std::lock_guard lock(output_mutex_);
  return write_all(std::as_bytes(std::span(&header, 1))) && write_all(payload);
}

bool Channel::write(FrameType type, std::uint64_t request_id, std::uint32_t detail,
                    std::span<const std::span<const std::byte>> parts) noexcept {
  constexpr std::size_t alignment = 8;
  constexpr std::array<std::byte, alignment> zeros{};
  const auto padding = [](std::size_t bytes) { return (alignment - bytes % alignment) % alignment; };
  std::uint64_t bytes = 0;
  for (const auto& part : parts) bytes += part.size() + padding(part.size());
  const FrameHeader header{
      .type = static_cast<std::uint16_t>(type), .request_id = request_id, .payload_bytes = bytes, .detail = detail};
  const std::lock_guard lock(output_mutex_);
  if (!write_all(std::as_bytes(std::span(&header, 1)))) return false;
  for (const auto& part : parts) {
    if (!write_all(part) || !write_all(std::span(zeros).first(padding(part.size())))) return false;
  }
  return true;
}

bool Channel::is_writable() const noexcept {
  pollfd entry{.fd = output_, .events = POLLOUT, .revents = 0};
  return poll(&entry, 1, 0) > 0 && (entry.revents & POLLOUT) != 0;
}

bool Channel::write_all(std::span<const std::byte> bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(output_, bytes.data() + done, std::min(bytes.size() - done, chunk_bytes));
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EINTR) {
      continue;
    } else if (errno == EAGAIN && wait_until_ready(output_, POLLOUT)) {
      continue;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tda::host
