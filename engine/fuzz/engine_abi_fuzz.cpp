// SPDX-License-Identifier: Apache-2.0
//
// Any call of the C ABI: no crash, a known status, a well-formed diagram, the same bytes on every instruction set, and for small matrices
// the brute-force oracle's diagram.
#include <cstdint>
#include <span>

#include "abi_case.hpp"
#include "call_checks.hpp"
#include "support/oracle.hpp"

namespace tda::fuzz {
namespace {

void check_every_target(const tda_input& input, tda_rips_options options, const test::Diagrams& expected) {
  for (std::uint32_t target = TDA_SIMD_BASELINE; target <= TDA_SIMD_WASM128; ++target) {
    if (!tda_simd_target_available(target)) continue;
    options.simd_target = target;
    test::Diagrams diagrams;
    const tda_status status = call(input, options, nullptr, diagrams);
    // Vectors of another width take other padding, so a tight budget may end one run and not the other.
    if (status == TDA_ERROR_MEMORY_LIMIT && options.memory_limit_bytes != 0) continue;
    require(status == TDA_OK && diagrams == expected, "every instruction set gives the same diagrams");
  }
}

void check_against_the_oracle(const test::Input& input, const tda_rips_options& options, const test::Diagrams& diagrams) {
  if (options.approximation != TDA_APPROXIMATION_NONE) return;
  if (input.rows > 7 || (input.kind != TDA_DISTANCES_FULL && input.kind != TDA_DISTANCES_LOWER)) return;
  const auto size = static_cast<std::uint32_t>(input.rows);
  test::DistanceMatrix matrix(size);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t columns = input.kind == TDA_DISTANCES_FULL ? size : i;
    for (std::uint32_t j = 0; j < columns; ++j) {
      const double value = input.values[next++];
      matrix.set(i, j, input.scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(value)) : value);
    }
  }
  require(diagrams == test::brute_force_rips(matrix, options, input.scalar), "the oracle agrees");
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const AbiCase example = decode_abi_case(bytes);
  const test::BorrowedInput borrowed(example.input);
  const tda_input& input = *borrowed.get();
  const volatile std::int32_t cancel = example.cancelled_before ? 1 : 0;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;

  test::Diagrams diagrams;
  const tda_status status = call(input, example.options, &control, diagrams);
  require(status != TDA_ERROR_CANCELLED || example.cancelled_before, "nobody cancelled");
  require(status != TDA_ERROR_MEMORY_LIMIT || example.options.memory_limit_bytes != 0, "there is no budget to pass");

  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  const tda_status estimated = tda_vietoris_rips_estimate(&input, &example.options, nullptr, &estimate, nullptr);
  require(estimated != TDA_ERROR_INTERNAL, "no internal error of the estimate");
  require(borrowed.is_untouched(), "the input is not written to");
  if (status != TDA_OK) return;
  require(estimated == TDA_OK || estimated == TDA_ERROR_MEMORY_LIMIT, "what can be computed can be estimated");
  check_every_target(input, example.options, diagrams);
  check_against_the_oracle(example.input, example.options, diagrams);
}

}  // namespace tda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tda::fuzz::run({data, size});
  return 0;
}
