// SPDX-License-Identifier: Apache-2.0
//
// make_seed_corpus TARGET FOLDER: writes valid inputs of a fuzz target, so that the fuzzer starts behind the validation.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "abi_case.hpp"
#include "support/distance_matrix.hpp"
#include "support/random.hpp"

#ifdef TDA_HAS_HOST_FRAMES
#include "frame.hpp"
#include "request.hpp"
#endif

namespace tda::fuzz {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes abi_seed(test::Random& random) {
  Bytes bytes(head_bytes);
  bytes[kind] = static_cast<std::uint8_t>(random.below(5));
  bytes[scalar_and_metric] = static_cast<std::uint8_t>(random.below(10));
  bytes[rows] = static_cast<std::uint8_t>(random.below(14));
  bytes[columns] = static_cast<std::uint8_t>(random.pick({1, 2, 3, 15, 33, 50}));
  bytes[max_dimension] = static_cast<std::uint8_t>(random.below(5));
  bytes[field] = static_cast<std::uint8_t>(random.below(6));
  bytes[threshold] = static_cast<std::uint8_t>(random.chance(0.6) ? 0 : random.between(1, 30));
  bytes[collapse] = static_cast<std::uint8_t>(random.chance(0.7) ? random.below(3) : 5 + 8 * random.below(31));
  bytes[budget] = static_cast<std::uint8_t>(random.chance(0.8) ? 0 : random.between(128, 255));
  const std::uint32_t steps = random.pick({3u, 20u, 200u});
  const bool is_sparse = bytes[kind] == TDA_DISTANCES_SPARSE;
  const std::uint32_t count = is_sparse ? bytes[columns] : 14 * 15;
  for (std::uint32_t k = 0; k < count; ++k) {
    if (is_sparse) {
      const std::uint32_t points = bytes[rows] > 1 ? bytes[rows] : 2;
      const std::uint32_t i = random.between(1, points - 1);
      bytes.push_back(static_cast<std::uint8_t>(i));
      bytes.push_back(static_cast<std::uint8_t>(random.below(i)));
    }
    bytes.push_back(static_cast<std::uint8_t>(random.chance(0.05) ? 240 : 1 + random.below(steps)));
  }
  return bytes;
}

Bytes features_seed(test::Random& random) {
  const auto code = [&](std::uint32_t low, std::uint32_t high) { return static_cast<std::uint8_t>(random.between(low, high)); };
  Bytes bytes{code(0, 3)};
  for (std::uint32_t k = 0; k <= bytes[0]; ++k) {
    const std::uint8_t columns = code(1, 3);
    // Kind, rows, rows, columns, essential death, order, norm, metric, exponent, dimension, delay, skip, grid, levels, grid, bandwidth, points, zeros.
    const std::uint8_t head[] = {code(0, 9), code(0, 12), code(0, 12), columns, random.chance(0.5) ? std::uint8_t{242} : code(20, 40), code(8, 24),
                                 code(0, 2), code(0, 4),  code(8, 30), code(1, 4), code(1, 4), code(1, 4), code(0, 4), code(5, 30),
                                 code(1, 9), code(1, 3),  0,           code(5, 30), code(1, 5), code(1, 9), code(1, 5), 0, 0, 0};
    bytes.insert(bytes.end(), std::begin(head), std::end(head));
    // Ascending pairs are diagrams.
    for (int i = 0; i < 24; ++i) {
      const std::uint8_t birth = code(0, 20);
      bytes.push_back(birth);
      bytes.push_back(random.chance(0.1) ? std::uint8_t{240} : static_cast<std::uint8_t>(birth + code(0, 20)));
    }
  }
  return bytes;
}

#ifdef TDA_HAS_HOST_FRAMES

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

/// Appends an array at the next aligned place of the payload.
template <class T>
host::ArrayPlace append_array(Bytes& payload, const std::vector<T>& values) {
  if (values.empty()) return {};
  const host::ArrayPlace place{payload.size(), values.size() * sizeof(T)};
  for (const T& value : values) append(payload, value);
  payload.resize((payload.size() + host::array_alignment - 1) / host::array_alignment * host::array_alignment);
  return place;
}

void append_frame(Bytes& stream, host::FrameType type, std::uint64_t id, const Bytes& payload) {
  host::FrameHeader header;
  header.type = static_cast<std::uint16_t>(type);
  header.request_id = id;
  header.payload_bytes = payload.size();
  append(stream, header);
  stream.insert(stream.end(), payload.begin(), payload.end());
}

Bytes request_payload(test::Random& random) {
  test::DistanceMatrix matrix(random.below(9));
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.between(1, 5));
  const test::Input inputs[] = {full_input(matrix), lower_input(matrix), lower_diagonal_input(matrix),
                                sparse_input(matrix, TDA_FLOAT64, random)};
  const test::Input& input = inputs[random.below(4)];
  host::RequestHead head{};
  head.operation = random.between(1, 2);
  head.head_bytes = sizeof head;
  head.kind = input.kind;
  head.scalar = input.scalar;
  head.max_dimension = random.below(3);
  head.rows = input.rows;
  head.entry_count = input.row_indices.size();
  head.threshold = test::infinity;
  head.coefficient_field = random.pick({2u, 3u});
  head.approximation = random.chance(0.7) ? 0 : random.between(1, 2);
  head.epsilon = random.pick({0.25, 0.5, 0.9});
  head.subsample_points = random.between(1, 4);
  Bytes payload(sizeof head);
  head.values = append_array(payload, input.values);
  head.row_indices = append_array(payload, input.row_indices);
  head.column_indices = append_array(payload, input.column_indices);
  std::memcpy(payload.data(), &head, sizeof head);
  return payload;
}

Bytes host_seed(test::Random& random) {
  Bytes stream;
  const std::uint32_t frames = random.between(1, 4);
  for (std::uint32_t k = 0; k < frames; ++k) {
    switch (random.below(4)) {
      case 0: append_frame(stream, host::FrameType::ping, k, {}); break;
      case 1: append_frame(stream, host::FrameType::cancel, k + 1, {}); break;
      default: append_frame(stream, host::FrameType::request, k + 1, request_payload(random)); break;
    }
  }
  return stream;
}

#endif

Bytes seed_of(const std::string& target, test::Random& random) {
#ifdef TDA_HAS_HOST_FRAMES
  if (target == "host_frames_fuzz") return host_seed(random);
#endif
  if (target == "features_fuzz") return features_seed(random);
  if (target == "engine_abi_fuzz") return abi_seed(random);
  return {};
}

}  // namespace
}  // namespace tda::fuzz

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    std::fprintf(stderr, "usage: make_seed_corpus TARGET FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[2];
  std::filesystem::create_directories(folder);
  tda::test::Random random(1);
  for (int k = 0; k < 200; ++k) {
    const auto bytes = tda::fuzz::seed_of(arguments[1], random);
    if (bytes.empty()) {
      std::fprintf(stderr, "make_seed_corpus: no fuzz target is called %s\n", arguments[1]);
      return 2;
    }
    std::ofstream file(folder / ("seed-" + std::to_string(k)), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  return 0;
}
