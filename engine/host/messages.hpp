// SPDX-License-Identifier: Apache-2.0
//
// Payloads of the frames that a host sends, as structures whose bytes are the protocol. DIAGRAM has none: its payload is the bars.
#pragma once

#include <cstddef>
#include <cstdint>

#include "frame.hpp"
#include "tda/features.h"
#include "tda/tda.h"

namespace tda::host {

struct MemoryUse {
  std::uint64_t resident_bytes = 0;       // now
  std::uint64_t peak_resident_bytes = 0;  // since the process started
};

struct HelloPayload {
  std::uint64_t process_id = 0;
  std::uint64_t max_payload_bytes = 0;
  std::uint64_t memory_limit_bytes = 0;  // the largest budget of a request; 0 = none
  std::uint32_t max_dimension = 0;
  std::uint32_t simd_target = 0;
  char engine_version[32] = {};
  char simd_target_name[16] = {};
};
static_assert(sizeof(HelloPayload) == 80);

struct ProgressPayload {
  double fraction = 0;
  std::uint32_t stage = 0;
  std::uint32_t dimension = 0;
  std::uint64_t columns_done = 0;
  std::uint64_t columns_total = 0;
  std::uint64_t bytes = 0;
};
static_assert(sizeof(ProgressPayload) == 40);

struct ResultPayload {
  std::uint32_t diagram_count = 0;
  std::uint32_t simd_target = 0;
  std::uint32_t scalar = 0;
  std::uint32_t truncated = 0;
  std::uint64_t points = 0;
  std::uint64_t edges = 0;
  std::uint64_t simplices = 0;
  double threshold = 0;
  double enclosing_radius = 0;
  std::uint64_t peak_bytes = 0;
  double seconds = 0;
  MemoryUse memory;
  std::uint32_t approximation = 0;
  std::uint32_t error_kind = 0;
  double error_bound = 0;
  double cover_radius = 0;
};
static_assert(sizeof(ResultPayload) == 112);

/// Followed by the arrays of tda_representatives_view in its order, those that are not NULL, each filled up to a multiple of 8 bytes.
struct RepresentativesHead {
  std::uint32_t kind = 0;
  std::uint32_t has_chains = 0;
  std::uint32_t has_loops = 0;
  std::uint32_t reserved = 0;
  std::uint64_t bar_count = 0;
  std::uint64_t chain_count = 0;  // simplices of all chains
};
static_assert(sizeof(RepresentativesHead) == 32);

/// Followed by a double for each row of the input.
struct CoordinatesHead {
  std::uint32_t simd_target = 0;
  std::uint32_t truncated = 0;
  std::uint64_t count = 0;
  std::uint64_t bar = 0;
  double birth = 0;
  double death = 0;
  double scale = 0;
  double energy = 0;
  double residual = 0;
  std::uint64_t steps = 0;
  std::uint64_t points = 0;
  std::uint64_t edges = 0;
  double threshold = 0;
  std::uint64_t peak_bytes = 0;
  double seconds = 0;
  MemoryUse memory;
};
static_assert(sizeof(CoordinatesHead) == 128);

/// Followed by count + 1 offsets (u64) and as many doubles as the last of them says.
struct ValuesHead {
  std::uint32_t simd_target = 0;
  std::uint32_t reserved = 0;
  std::uint64_t count = 0;
  std::uint64_t peak_bytes = 0;
  double seconds = 0;
  MemoryUse memory;
};
static_assert(sizeof(ValuesHead) == 48);

struct EstimatePayload {
  std::uint32_t exact = 0;
  std::uint32_t simplices_count = TDA_ESTIMATE_DIMENSIONS;
  std::uint64_t points = 0;
  double edges = 0;
  double bytes = 0;
  double seconds = 0;
  double threshold = 0;
  MemoryUse memory;
  double simplices[TDA_ESTIMATE_DIMENSIONS] = {};
};
static_assert(sizeof(EstimatePayload) == 64 + 8 * TDA_ESTIMATE_DIMENSIONS);

struct ErrorPayload {
  std::uint32_t code = 0;  // tda_status or ProtocolError
  std::uint32_t dimension = UINT32_MAX;
  std::uint64_t row = TDA_NO_INDEX;
  std::uint64_t column = TDA_NO_INDEX;
  std::uint64_t bytes = 0;
  MemoryUse memory;
  char message[TDA_ERROR_MESSAGE_BYTES] = {};
};
static_assert(sizeof(ErrorPayload) == 48 + TDA_ERROR_MESSAGE_BYTES);

struct PongPayload {
  std::uint64_t running_request_id = 0;  // 0 = idle
  MemoryUse memory;
};
static_assert(sizeof(PongPayload) == 24);

[[nodiscard]] HelloPayload make_hello(std::uint64_t max_payload_bytes, std::uint64_t memory_limit_bytes) noexcept;
[[nodiscard]] ProgressPayload make_progress(const tda_progress& progress) noexcept;
[[nodiscard]] ResultPayload make_result(std::uint32_t diagram_count, const tda_rips_statistics& statistics) noexcept;
[[nodiscard]] CoordinatesHead make_coordinates(const tda_circular_view& view) noexcept;
[[nodiscard]] ValuesHead make_values(const tda_feature_view& view) noexcept;
[[nodiscard]] EstimatePayload make_estimate(const tda_rips_estimate& estimate) noexcept;
[[nodiscard]] ErrorPayload make_error(tda_status status, const tda_error& error) noexcept;
[[nodiscard]] ErrorPayload make_error(ProtocolError error) noexcept;

}  // namespace tda::host
