// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <cstdio>
#include <limits>
#include <type_traits>

#include "js_values.hpp"

namespace tda::node {
namespace {

// Reads the fields of one object; the first one that does not fit leaves a TypeError, and everything after it is zero.
class Fields {
 public:
  Fields(napi_env env, napi_value object) noexcept : env_(env), object_(object) {}

  [[nodiscard]] bool are_complete() const noexcept { return !has_failed_; }

  double number(const char* name) noexcept {
    double value = 0;
    const auto field = get_field(env_, object_, name);
    if (!field || napi_get_value_double(env_, *field, &value) != napi_ok) return fail(name), 0;
    return value;
  }

  // Doubles carry every count below 2^53 exactly.
  template <typename Integer>
  Integer count(const char* name) noexcept {
    constexpr double limit = std::is_same_v<Integer, std::uint32_t> ? 4294967295.0 : 9007199254740991.0;
    const double value = number(name);
    if (!(value >= 0 && value <= limit)) return fail(name), Integer{0};
    return static_cast<Integer>(value);
  }

  // The first element of a typed array of this type and length, or null without elements.
  const void* array(const char* name, napi_typedarray_type type, std::uint64_t length, napi_value& pinned) noexcept {
    const auto field = get_field(env_, object_, name);
    if (field && length == 0 && has_type(env_, *field, napi_null)) return nullptr;
    napi_typedarray_type actual_type = napi_int8_array;
    std::size_t actual_length = 0;
    void* data = nullptr;
    if (!field ||
        napi_get_typedarray_info(env_, *field, &actual_type, &actual_length, &data, nullptr, nullptr) != napi_ok ||
        actual_type != type || actual_length != length) {
      return fail(name), nullptr;
    }
    pinned = *field;
    return data;
  }

 private:
  void fail(const char* name) noexcept {
    if (has_failed_) return;
    has_failed_ = true;
    char message[80];
    std::snprintf(message, sizeof message, "The field %s does not fit.", name);
    throw_type_error(env_, message);
  }

  napi_env env_;
  napi_value object_;
  bool has_failed_ = false;
};

// The number of values that a shape has; all ones where that is not a length that an array can have.
std::uint64_t value_count(const tda_input& input) {
  constexpr std::uint64_t impossible = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t rows = input.rows;
  if (rows > std::numeric_limits<std::uint32_t>::max() || input.columns > std::numeric_limits<std::uint32_t>::max()) {
    return impossible;
  }
  switch (input.kind) {
    case TDA_POINTS: return rows * input.columns;
    case TDA_DISTANCES_FULL: return rows * rows;
    case TDA_DISTANCES_LOWER: return rows == 0 ? 0 : rows * (rows - 1) / 2;
    case TDA_DISTANCES_LOWER_DIAG: return rows * (rows + 1) / 2;
    case TDA_DISTANCES_SPARSE: return input.entry_count;
    default: return impossible;
  }
}

}  // namespace

std::optional<Arguments> read_arguments(napi_env env, napi_value input_value, napi_value options_value) {
  if (!has_type(env, input_value, napi_object) || !has_type(env, options_value, napi_object)) {
    throw_type_error(env, "The input and the options must be objects.");
    return std::nullopt;
  }
  Arguments arguments;

  tda_input& input = arguments.input;
  tda_input_init(&input);
  Fields in(env, input_value);
  input.kind = in.count<std::uint32_t>("kind");
  input.scalar = in.count<std::uint32_t>("scalar");
  input.metric = in.count<std::uint32_t>("metric");
  input.minkowski_p = in.number("minkowskiP");
  input.rows = in.count<std::uint64_t>("rows");
  input.columns = in.count<std::uint64_t>("columns");
  input.entry_count = in.count<std::uint64_t>("entryCount");
  if (!in.are_complete()) return std::nullopt;
  const auto value_type = input.scalar == TDA_FLOAT32 ? napi_float32_array : napi_float64_array;
  const std::uint64_t index_count = input.kind == TDA_DISTANCES_SPARSE ? input.entry_count : 0;
  input.values = in.array("values", value_type, value_count(input), arguments.arrays[0]);
  input.row_indices = static_cast<const std::uint32_t*>(
      in.array("rowIndices", napi_uint32_array, index_count, arguments.arrays[1]));
  input.column_indices = static_cast<const std::uint32_t*>(
      in.array("columnIndices", napi_uint32_array, index_count, arguments.arrays[2]));

  tda_rips_options& options = arguments.options;
  tda_rips_options_init(&options);
  Fields op(env, options_value);
  options.max_dimension = op.count<std::uint32_t>("maxDimension");
  options.threshold = op.number("threshold");
  options.coefficient_field = op.count<std::uint32_t>("coefficientField");
  options.edge_collapse = op.count<std::uint32_t>("edgeCollapse");
  options.representatives = op.count<std::uint32_t>("representatives");
  options.threads = op.count<std::uint32_t>("threads");
  options.memory_limit_bytes = op.count<std::uint64_t>("memoryLimitBytes");
  options.simd_target = op.count<std::uint32_t>("simdTarget");
  options.approximation = op.count<std::uint32_t>("approximation");
  options.epsilon = op.number("epsilon");
  options.subsample_points = op.count<std::uint64_t>("subsamplePoints");

  tda_circular_options_init(&arguments.circular);
  const double bar = op.number("bar");
  if (bar >= 0 && bar <= 9007199254740991.0) arguments.circular.bar = static_cast<std::uint64_t>(bar);
  arguments.circular.scale = op.number("scale");

  if (!in.are_complete() || !op.are_complete()) return std::nullopt;
  return arguments;
}

}  // namespace tda::node
