// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include "frame.hpp"

namespace tda::host {

/// A payload's bytes at a multiple of array_alignment. Large ones come from fresh pages, which the system hands out as they are filled.
class PayloadBuffer {
 public:
  PayloadBuffer() = default;

  /// nullopt: the system has no such memory.
  [[nodiscard]] static std::optional<PayloadBuffer> allocate(std::uint64_t bytes) noexcept {
    if (bytes > std::numeric_limits<std::size_t>::max() - array_alignment) return std::nullopt;
    const auto size = static_cast<std::size_t>(bytes);
    const std::size_t rounded = (size + array_alignment - 1) / array_alignment * array_alignment;
    PayloadBuffer buffer;
    buffer.bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(array_alignment, rounded)));
    buffer.size_ = size;
    if (buffer.bytes_ == nullptr) return std::nullopt;
    return buffer;
  }

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace tda::host
