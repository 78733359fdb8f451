// SPDX-License-Identifier: Apache-2.0
//
// The engine host's reader on any stream of bytes: headers, payloads, requests. A request that is accepted points only into its payload, at
// aligned places, and the engine can be called with it.
#include <cstdint>
#include <cstring>
#include <span>

#include "call_checks.hpp"
#include "frame.hpp"
#include "payload_buffer.hpp"
#include "request.hpp"
#include "tda/features.h"

namespace tda::fuzz {
namespace {

constexpr std::uint64_t largest_payload_bytes = 1 << 20;

void require_inside(const void* array, std::uint64_t bytes, std::span<const std::byte> payload) {
  if (array == nullptr) return;
  const auto* first = static_cast<const std::byte*>(array);
  require(first >= payload.data() && bytes <= payload.size() &&
              static_cast<std::uint64_t>(first - payload.data()) <= payload.size() - bytes,
          "an array lies within its payload");
  require(reinterpret_cast<std::uintptr_t>(array) % host::array_alignment == 0, "an array is aligned");
}

std::uint64_t value_count(const tda_input& input) {
  switch (input.kind) {
    case TDA_POINTS: return input.rows * input.columns;
    case TDA_DISTANCES_FULL: return input.rows * input.rows;
    case TDA_DISTANCES_LOWER: return input.rows == 0 ? 0 : input.rows * (input.rows - 1) / 2;
    case TDA_DISTANCES_LOWER_DIAG: return input.rows * (input.rows + 1) / 2;
    default: return input.entry_count;
  }
}

/// Small enough to be computed at once: a fuzzer's request may ask for years of work.
bool is_small(const host::Request& request) {
  return request.input.rows <= 16 && request.options.max_dimension <= 2 && request.input.entry_count <= 1'000 &&
         request.input.columns <= 64;
}

void check_request(std::span<const std::byte> payload) {
  auto parsed = host::parse_request(payload);
  if (!parsed) {
    require(host::describe(parsed.error())[0] != 0, "an error has words");
    return;
  }
  const tda_input& input = parsed->input;
  const std::uint64_t scalar_bytes = input.scalar == TDA_FLOAT32 ? 4 : 8;
  require_inside(input.values, value_count(input) * scalar_bytes, payload);
  require_inside(input.row_indices, input.entry_count * 4, payload);
  require_inside(input.column_indices, input.entry_count * 4, payload);
  if (parsed->operation == host::Operation::features) {
    const tda_feature_options options{.struct_size = sizeof options, .simd_target = TDA_SIMD_AUTO, .memory_limit_bytes = 1 << 18};
    tda_feature_result* result = nullptr;
    const tda_status status =
        tda_compute_packed_features(static_cast<const double*>(input.values), input.rows, &options, nullptr, &result, nullptr);
    require((result != nullptr) == (status == TDA_OK) && status != TDA_ERROR_INTERNAL, "values exactly on success");
    tda_feature_result_free(result);
    return;
  }
  if (!is_small(*parsed)) return;
  if (parsed->operation == host::Operation::circular_coordinates) {
    tda_circular_result* result = nullptr;
    const tda_status status = tda_circular_coordinates(&input, &parsed->options, &parsed->circular, nullptr, &result, nullptr);
    require((result != nullptr) == (status == TDA_OK) && status != TDA_ERROR_INTERNAL, "coordinates exactly on success");
    tda_circular_result_free(result);
    return;
  }
  test::Diagrams diagrams;
  call(input, parsed->options, nullptr, diagrams);
}

}  // namespace

void run(std::span<const std::byte> stream) {
  while (stream.size() >= host::frame_header_bytes) {
    const auto header = host::parse_header(stream.first<host::frame_header_bytes>(), largest_payload_bytes);
    if (!header) {
      require(host::describe(header.error())[0] != 0, "an error has words");
      return;
    }
    require(header->payload_bytes <= largest_payload_bytes, "an accepted payload is within the limit");
    stream = stream.subspan(host::frame_header_bytes);
    if (header->payload_bytes > stream.size()) return;
    if (header->type == static_cast<std::uint16_t>(host::FrameType::request)) {
      const auto buffer = host::PayloadBuffer::allocate(header->payload_bytes);
      require(buffer.has_value(), "a payload within the limit can be stored");
      std::memcpy(buffer->bytes().data(), stream.data(), buffer->bytes().size());
      check_request(buffer->bytes());
    }
    stream = stream.subspan(header->payload_bytes);
  }
}

}  // namespace tda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tda::fuzz::run(std::as_bytes(std::span(data, size)));
  return 0;
}
