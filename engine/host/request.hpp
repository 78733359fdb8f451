// SPDX-License-Identifier: Apache-2.0
//
// The payload of a REQUEST frame: a fixed head, then the arrays, each at a multiple of array_alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "frame.hpp"
#include "tda/tda.h"

namespace tda::host {

enum class Operation : std::uint32_t { vietoris_rips = 1, vietoris_rips_estimate = 2, circular_coordinates = 3, features = 4 };

struct ArrayPlace {
  std::uint64_t offset = 0;  // from the payload's start
  std::uint64_t bytes = 0;   // without padding; 0 = no array, the offset is then 0 too
};

/// Field for field the C ABI's tda_input, tda_rips_options and tda_circular_options, with places instead of pointers. Packed features are float64 points of one
/// coordinate, of which only the memory limit and the instruction set are read besides.
struct RequestHead {
  std::uint32_t operation;
  std::uint32_t head_bytes;
  std::uint32_t kind;
  std::uint32_t scalar;
  std::uint32_t metric;
  std::uint32_t max_dimension;
  double minkowski_p;
  std::uint64_t rows;
  std::uint64_t columns;
  std::uint64_t entry_count;
  double threshold;
  std::uint32_t coefficient_field;
  std::uint32_t edge_collapse;
  std::uint32_t representatives;
  std::uint32_t threads;
  std::uint64_t memory_limit_bytes;
  std::uint32_t simd_target;
  std::uint32_t approximation;
  ArrayPlace values;
  ArrayPlace row_indices;
  ArrayPlace column_indices;
  std::uint64_t bar;         // circular coordinates; 0 elsewhere
  std::uint64_t scale_bits;  // likewise: a double
  std::uint64_t reserved_tail[2];
  double epsilon;
  std::uint64_t subsample_points;
};
static_assert(sizeof(RequestHead) == 192 && offsetof(RequestHead, values) == 96 && offsetof(RequestHead, epsilon) == 176);

struct Request {
  Operation operation = Operation::vietoris_rips;
  tda_input input{};
  tda_rips_options options{};
  tda_circular_options circular{};
};

/// Checks that the arrays lie within the payload and are as long as the head says, and points the C ABI's structures
/// at them without a copy: the request is valid as long as the payload. Values, enumerations and parameters are
/// the engine's to judge. `payload` must be stored at a multiple of array_alignment.
[[nodiscard]] std::expected<Request, ProtocolError> parse_request(std::span<const std::byte> payload) noexcept;

}  // namespace tda::host
