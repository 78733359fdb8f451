// SPDX-License-Identifier: Apache-2.0
#include "distance/input_shape.hpp"

#include <cmath>
#include <cstddef>

namespace tda::detail {
namespace {

constexpr std::uint64_t most_points = UINT32_MAX - 1;

}  // namespace

Expected<InputShape> check_shape(const tda_input& input) {
  if (input.scalar != TDA_FLOAT32 && input.scalar != TDA_FLOAT64)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The element type of the input is not a known one."});
  const std::uint64_t element = input.scalar == TDA_FLOAT32 ? sizeof(float) : sizeof(double);
  if (input.rows > most_points)
    return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "The input has more points than an index can number."});

  const std::uint64_t n = input.rows;  // below 2^32: n * n and n (n + 1) fit
  std::uint64_t values = 0;
  std::uint64_t index_bytes = 0;
  bool overflow = false;
  switch (input.kind) {
    case TDA_POINTS:
      overflow = __builtin_mul_overflow(n, input.columns, &values);
      break;
    case TDA_DISTANCES_FULL:
      values = n * n;
      break;
    case TDA_DISTANCES_LOWER:
      values = n == 0 ? 0 : n * (n - 1) / 2;
      break;
    case TDA_DISTANCES_LOWER_DIAG:
      values = n * (n + 1) / 2;
      break;
    case TDA_DISTANCES_SPARSE:
      values = input.entry_count;
      overflow = values > most_points;
      index_bytes = overflow ? 0 : values * 2 * sizeof(std::uint32_t);
      if (!overflow && values != 0 && (input.row_indices == nullptr || input.column_indices == nullptr))
        return fail({.status = TDA_ERROR_NULL_ARGUMENT, .message = "The sparse distances come without their indices."});
      break;
    default:
      return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The kind of the input is not a known one."});
  }
  std::uint64_t bytes = 0;
  overflow = overflow || __builtin_mul_overflow(values, element, &bytes) || __builtin_add_overflow(bytes, index_bytes, &bytes) ||
             bytes > PTRDIFF_MAX;
  if (overflow) return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "The input is larger than this machine can address."});
  if (values != 0 && input.values == nullptr)
    return fail({.status = TDA_ERROR_NULL_ARGUMENT, .message = "The input comes without its values."});
  return InputShape{.points = static_cast<std::uint32_t>(n), .values = values, .bytes = bytes};
}

Expected<PreparedInput> prepare_input(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  const Expected<InputShape> shape = check_shape(input);
  if (!shape) return std::unexpected(shape.error());
  if (std::isnan(options.threshold)) return fail({.status = TDA_ERROR_INVALID_THRESHOLD, .message = "The threshold is not a number."});
  const KernelTable* kernels = kernel_table(options.simd_target);
  if (kernels == nullptr)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "This processor does not have the requested instruction set."});
  execution.budget().charge(shape->bytes);
  return PreparedInput{.shape = *shape, .kernels = kernels};
}

}  // namespace tda::detail
