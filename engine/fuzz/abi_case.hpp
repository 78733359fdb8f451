// SPDX-License-Identifier: Apache-2.0
//
// One call of the C ABI from any bytes. Format: a head of ten bytes, then one code per value; a code that is missing counts as 0, so every
// byte string is a call. make_seed_corpus.cpp writes the same format.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <span>

#include "support/input.hpp"

namespace tda::fuzz {

enum HeadByte : std::size_t { kind, scalar_and_metric, rows, columns, max_dimension, field, threshold, collapse, budget, target, head_bytes };

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint8_t next() { return position_ < bytes_.size() ? bytes_[position_++] : 0; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

/// Below 240: a multiple of 1/8, so that ties are common. From 240: what breaks comparisons and sums; 255 takes eight raw bytes.
inline double decode_value(ByteReader& reader) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::uint8_t code = reader.next();
  switch (code) {
    case 240: return infinity;
    case 241: return -infinity;
    case 242: return std::numeric_limits<double>::quiet_NaN();
    case 243: return -0.0;
    case 244: return -1;
    case 245: return 1.7976931348623157e308;
    case 246: return -1.7976931348623157e308;
    case 247: return 5e-324;
    case 248: return 3.4028234663852886e38;
    case 249: return 1e-40;
    case 250: return 1 + 0x1p-52;
    case 251: return 1 + 0x1p-23;
    case 255: {
      std::uint64_t bits = 0;
      for (int k = 0; k < 8; ++k) bits = bits << 8 | reader.next();
      return std::bit_cast<double>(bits);
    }
    default: return code / 8.0;
  }
}

struct AbiCase {
  test::Input input;
  tda_rips_options options;
  bool cancelled_before = false;
};

inline double simplices_of_dimension(std::uint64_t points, std::uint32_t dimension) {
  double count = 1;
  for (std::uint32_t k = 0; k <= dimension; ++k) count *= static_cast<double>(points > k ? points - k : 0) / (k + 1);
  return count;
}

inline AbiCase decode_abi_case(std::span<const std::uint8_t> bytes) {
  constexpr std::uint32_t fields[] = {2, 2, 3, 5, 11, 32749, 0, 1, 4, 32751, 65537};
  constexpr std::uint32_t max_points = 24;
  constexpr double most_simplices = 1'500;  // keeps a call far below a millisecond
  ByteReader reader(bytes);
  std::uint8_t head[head_bytes];
  for (std::uint8_t& byte : head) byte = reader.next();

  AbiCase result;
  test::Input& input = result.input;
  input.kind = head[kind] % 6;
  input.scalar = head[scalar_and_metric] & 1 ? TDA_FLOAT32 : TDA_FLOAT64;
  input.metric = (head[scalar_and_metric] >> 1) % 6;
  input.rows = head[rows] % (max_points + 1);
  input.columns = head[columns] % 6;
  input.minkowski_p = head[columns] / 6 / 4.0;

  tda_rips_options& options = result.options;
  tda_rips_options_init(&options);
  options.max_dimension = head[max_dimension] % (TDA_MAX_DIMENSION + 2);
  while (options.max_dimension > 0 && options.max_dimension <= TDA_MAX_DIMENSION &&
         simplices_of_dimension(input.rows, options.max_dimension + 1) > most_simplices)
    --options.max_dimension;
  options.coefficient_field = fields[head[field] % std::size(fields)];
  options.edge_collapse = head[collapse] % 8 == 7 ? head[collapse] / 8 : head[collapse] % 3;
  options.representatives = head[collapse] % 8 == 6 ? head[collapse] / 8 : TDA_REPRESENTATIVES_NONE;
  if (head[collapse] % 8 == 5) {
    // Both parameters, from out of range to out of range.
    options.approximation = TDA_APPROXIMATION_SPARSE_RIPS + head[collapse] / 8 % 3;
    options.epsilon = head[collapse] / 24 / 8.0;
    options.subsample_points = head[collapse] / 24;
  }
  options.memory_limit_bytes = head[budget] < 128 ? 0 : std::uint64_t{256} << (head[budget] - 128) / 4 % 16;
  options.simd_target = head[target] % 6;
  result.cancelled_before = head[target] == 200;

  std::uint64_t count = 0;
  switch (input.kind) {
    case TDA_POINTS: count = input.rows * input.columns; break;
    case TDA_DISTANCES_LOWER: count = input.rows * (input.rows > 0 ? input.rows - 1 : 0) / 2; break;
    case TDA_DISTANCES_LOWER_DIAG: count = input.rows * (input.rows + 1) / 2; break;
    case TDA_DISTANCES_SPARSE: count = head[columns]; break;
    default: count = input.rows * input.rows; break;
  }
  const bool mirrored = input.kind == TDA_DISTANCES_FULL && head[columns] % 8 != 0;
  if (head[threshold] != 0) {
    options.threshold = head[threshold] < 240 ? head[threshold] / 8.0 : decode_value(reader);
  }
  for (std::uint64_t k = 0; k < count; ++k) {
    if (input.kind == TDA_DISTANCES_SPARSE) {
      input.row_indices.push_back(reader.next() % (max_points + 2));
      input.column_indices.push_back(reader.next() % (max_points + 2));
    }
    const bool is_above_diagonal = mirrored && k % input.rows > k / input.rows;
    input.values.push_back(is_above_diagonal ? 0 : decode_value(reader));
  }
  if (mirrored) {
    for (std::uint64_t i = 0; i < input.rows; ++i)
      for (std::uint64_t j = 0; j < i; ++j) input.values[j * input.rows + i] = input.values[i * input.rows + j];
  }
  return result;
}

}  // namespace tda::fuzz
