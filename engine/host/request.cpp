// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

namespace tda::host {
namespace {

// nullopt: more than 64 bits.
std::optional<std::uint64_t> multiply(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// rows(rows-1)/2, without passing 64 bits on the way unless the result does.
std::optional<std::uint64_t> pair_count(std::uint64_t rows) noexcept {
  if (rows == 0) return 0;
  return rows % 2 == 0 ? multiply(rows / 2, rows - 1) : multiply(rows, (rows - 1) / 2);
}

// The number of values that an input of this kind has; nullopt where that is beyond 64 bits or the kind is unknown.
std::optional<std::uint64_t> value_count(const RequestHead& head) noexcept {
  switch (head.kind) {
    case TDA_POINTS: return multiply(head.rows, head.columns);
    case TDA_DISTANCES_FULL: return multiply(head.rows, head.rows);
    case TDA_DISTANCES_LOWER: return pair_count(head.rows);
    case TDA_DISTANCES_LOWER_DIAG: return head.rows == UINT64_MAX ? std::nullopt : pair_count(head.rows + 1);
    case TDA_DISTANCES_SPARSE: return head.entry_count;
    default: return std::nullopt;
  }
}

bool is_place_valid(const ArrayPlace& place, std::uint64_t expected_bytes, std::uint64_t payload_bytes) noexcept {
  if (place.bytes != expected_bytes) return false;
  if (place.bytes == 0) return place.offset == 0;
  return place.offset >= sizeof(RequestHead) && place.offset % array_alignment == 0 && place.offset <= payload_bytes &&
         place.bytes <= payload_bytes - place.offset;
}

bool are_reserved_fields_clear(const RequestHead& head) noexcept {
  return std::ranges::all_of(head.reserved_tail, [](std::uint64_t word) { return word == 0; });
}

template <typename T>
const T* array_at(std::span<const std::byte> payload, const ArrayPlace& place) noexcept {
  return place.bytes == 0 ? nullptr : reinterpret_cast<const T*>(payload.data() + place.offset);
}

}  // namespace

std::expected<Request, ProtocolError> parse_request(std::span<const std::byte> payload) noexcept {
  constexpr auto invalid = std::unexpected(ProtocolError::invalid_request);
  if (payload.size() < sizeof(RequestHead)) return invalid;
  RequestHead head;
  std::memcpy(&head, payload.data(), sizeof head);
  if (head.head_bytes != sizeof(RequestHead) || !are_reserved_fields_clear(head)) return invalid;

  const auto operation = static_cast<Operation>(head.operation);
  const bool is_circular = operation == Operation::circular_coordinates;
  const bool is_features = operation == Operation::features;
  if (!is_circular && !is_features && operation != Operation::vietoris_rips && operation != Operation::vietoris_rips_estimate) return invalid;
  if (is_features && (head.kind != TDA_POINTS || head.scalar != TDA_FLOAT64 || head.columns != 1)) return invalid;
  if (!is_circular && (head.bar != 0 || head.scale_bits != 0)) return invalid;

  // The lengths depend on these two, so the engine cannot be asked to judge them.
  if (head.scalar != TDA_FLOAT32 && head.scalar != TDA_FLOAT64) return invalid;
  const auto count = value_count(head);
  if (!count) return invalid;
  const auto value_bytes = multiply(*count, head.scalar == TDA_FLOAT32 ? sizeof(float) : sizeof(double));
  const bool is_sparse = head.kind == TDA_DISTANCES_SPARSE;
  const auto index_bytes = multiply(is_sparse ? head.entry_count : 0, sizeof(std::uint32_t));
  if (!value_bytes || !index_bytes) return invalid;

  if (!is_place_valid(head.values, *value_bytes, payload.size()) ||
      !is_place_valid(head.row_indices, *index_bytes, payload.size()) ||
      !is_place_valid(head.column_indices, *index_bytes, payload.size())) {
    return invalid;
  }

  Request request;
  request.operation = operation;
  tda_input_init(&request.input);
  request.input.kind = head.kind;
  request.input.scalar = head.scalar;
  request.input.metric = head.metric;
  request.input.minkowski_p = head.minkowski_p;
  request.input.rows = head.rows;
  request.input.columns = head.columns;
  request.input.entry_count = head.entry_count;
  request.input.values = array_at<void>(payload, head.values);
  request.input.row_indices = array_at<std::uint32_t>(payload, head.row_indices);
  request.input.column_indices = array_at<std::uint32_t>(payload, head.column_indices);

  tda_rips_options_init(&request.options);
  request.options.max_dimension = head.max_dimension;
  request.options.threshold = head.threshold;
  request.options.coefficient_field = head.coefficient_field;
  request.options.edge_collapse = head.edge_collapse;
  request.options.representatives = head.representatives;
  request.options.threads = head.threads;
  request.options.memory_limit_bytes = head.memory_limit_bytes;
  request.options.simd_target = head.simd_target;
  request.options.approximation = head.approximation;
  request.options.epsilon = head.epsilon;
  request.options.subsample_points = head.subsample_points;

  tda_circular_options_init(&request.circular);
  request.circular.bar = head.bar;
  request.circular.scale = std::bit_cast<double>(head.scale_bits);
  return request;
}

}  // namespace tda::host
