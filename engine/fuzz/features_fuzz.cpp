// SPDX-License-Identifier: Apache-2.0
//
// Any numbers as packed features: no crash, a known status, values that are numbers, the same bytes on every instruction set. Format: for each feature 24
// bytes for its head, then one code per number of its arrays (abi_case.hpp); a code that is missing counts as 0.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "abi_case.hpp"
#include "call_checks.hpp"
#include "tda/features.h"

namespace tda::fuzz {
namespace {

constexpr std::uint64_t memory_limit_bytes = 1 << 18;
constexpr std::size_t most_features = 4;

/// Counts are small, other numbers are anything; now and then a count is none.
std::vector<double> packed_numbers(std::span<const std::uint8_t> bytes) {
  constexpr bool is_count[TDA_PACKED_FEATURE_NUMBERS] = {true,  true,  true, true, false, false, true,  true,  false, true,  true, true,
                                                         false, false, true, true, false, false, true,  false, true,  true,  true, true};
  std::vector<double> numbers;
  ByteReader reader(bytes);
  const std::size_t features = 1 + reader.next() % most_features;
  for (std::size_t i = 0; i < features; ++i) {
    std::uint64_t counts[4] = {};
    for (std::size_t k = 0; k < TDA_PACKED_FEATURE_NUMBERS; ++k) {
      if (!is_count[k]) {
        numbers.push_back(decode_value(reader));
        continue;
      }
      const std::uint8_t code = reader.next();
      double value = code % 32;
      if (k == 0) value = code % 11;
      if (k > 20) value = code == 255 ? 1 : 0;
      if (code == 254) value = decode_value(reader);
      if (k < 4 && value >= 0 && value < 32) counts[k] = static_cast<std::uint64_t>(value);
      numbers.push_back(value);
    }
    const std::uint64_t width = counts[0] == TDA_FEATURE_ROBUST_Z_SCORE ? 1 : counts[0] >= TDA_FEATURE_TAKENS_EMBEDDING ? counts[3] : 2;
    const std::uint64_t second = counts[0] <= 1 ? 2 * counts[2] : counts[0] == TDA_FEATURE_ROBUST_Z_SCORE ? counts[2] : 0;
    for (std::uint64_t k = 0; k < counts[1] * width + second; ++k) numbers.push_back(decode_value(reader));
  }
  return numbers;
}

tda_status call(const std::vector<double>& numbers, std::uint32_t target, std::vector<double>& values) {
  tda_feature_options options;
  tda_feature_options_init(&options);
  options.memory_limit_bytes = memory_limit_bytes;
  options.simd_target = target;
  tda_error error;
  std::memset(&error, 0xaa, sizeof error);
  error.struct_size = sizeof error;
  tda_feature_result* result = nullptr;
  const tda_status status = tda_compute_packed_features(numbers.data(), numbers.size(), &options, nullptr, &result, &error);
  require(std::strcmp(tda_status_name(static_cast<std::uint32_t>(status)), "TDA_ERROR_UNKNOWN") != 0, "the status is known");
  require(status != TDA_ERROR_INTERNAL && status != TDA_ERROR_CANCELLED, "no internal error");
  require((result != nullptr) == (status == TDA_OK), "there is a result exactly on success");
  values.clear();
  if (status != TDA_OK) {
    require(std::memchr(error.message, 0, sizeof error.message) != nullptr, "the message ends");
    return status;
  }
  tda_feature_view view{};
  view.struct_size = sizeof view;
  require(tda_feature_result_view(result, &view) == TDA_OK, "there is a view");
  require(view.peak_bytes <= memory_limit_bytes, "the peak is within the budget");
  values.assign(view.values, view.values + view.offsets[view.count]);
  require(std::ranges::none_of(values, [](double value) { return std::isnan(value); }), "no value is NaN");
  tda_feature_result_free(result);
  return status;
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const std::vector<double> numbers = packed_numbers(bytes);
  std::vector<double> expected;
  const tda_status status = call(numbers, TDA_SIMD_BASELINE, expected);
  for (std::uint32_t target = TDA_SIMD_AVX2; target <= TDA_SIMD_WASM128; ++target) {
    if (!tda_simd_target_available(target)) continue;
    std::vector<double> values;
    const tda_status other = call(numbers, target, values);
    // Vectors of another width may take other padding, so a tight budget may end one run and not the other.
    if (status == TDA_ERROR_MEMORY_LIMIT || other == TDA_ERROR_MEMORY_LIMIT) continue;
    require(other == status && values == expected, "every instruction set gives the same values");
  }
}

}  // namespace tda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tda::fuzz::run({data, size});
  return 0;
}
