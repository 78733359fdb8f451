// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <limits>
#include <string>
#include <type_traits>

namespace tda::node {
namespace {

// Reads the fields of one object; the first one that does not fit leaves a TypeError and everything after it zero.
class Fields {
 public:
  Fields(Napi::Env env, Napi::Object object) : env_(env), object_(object) {}

  [[nodiscard]] bool is_complete() const { return !has_failed_; }

  // Doubles carry every count below 2^53 exactly.
  double number(const char* name) {
    const Napi::Value value = object_.Get(name);
    if (!value.IsNumber()) return fail(name), 0;
    return value.As<Napi::Number>().DoubleValue();
  }

  template <typename Integer>
  Integer count(const char* name) {
    constexpr double limit = std::is_same_v<Integer, std::uint32_t> ? 4294967295.0 : 9007199254740991.0;
    const double value = number(name);
    if (!(value >= 0 && value <= limit)) return fail(name), Integer{0};
    return static_cast<Integer>(value);
  }

  // The element at the view's start, or null without a view.
  const void* array(const char* name, napi_typedarray_type type, std::uint64_t length, Napi::Value& pinned) {
    const Napi::Value value = object_.Get(name);
    if (value.IsNull() && length == 0) return nullptr;
    if (!value.IsTypedArray()) return fail(name), nullptr;
    napi_typedarray_type actual_type = napi_int8_array;
    std::size_t actual_length = 0;
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, value, &actual_type, &actual_length, &data, nullptr, nullptr) != napi_ok ||
        actual_type != type || actual_length != length) {
      return fail(name), nullptr;
    }
    pinned = value;
    return data;
  }

 private:
  void fail(const char* name) {
    if (!has_failed_) Napi::TypeError::New(env_, std::string("The field ") + name + " does not fit.").ThrowAsJavaScriptException();
    has_failed_ = true;
  }

  Napi::Env env_;
  Napi::Object object_;
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

std::optional<Arguments> read_arguments(Napi::Env env, Napi::Value input_value, Napi::Value options_value) {
  if (!input_value.IsObject() || !options_value.IsObject()) {
    Napi::TypeError::New(env, "The input and the options must be objects.").ThrowAsJavaScriptException();
    return std::nullopt;
  }
  Arguments arguments;

  tda_input& input = arguments.input;
  tda_input_init(&input);
  Fields in(env, input_value.As<Napi::Object>());
  input.kind = in.count<std::uint32_t>("kind");
  input.scalar = in.count<std::uint32_t>("scalar");
  input.metric = in.count<std::uint32_t>("metric");
  input.minkowski_p = in.number("minkowskiP");
  input.rows = in.count<std::uint64_t>("rows");
  input.columns = in.count<std::uint64_t>("columns");
  input.entry_count = in.count<std::uint64_t>("entryCount");
  if (!in.is_complete()) return std::nullopt;
  const auto value_type = input.scalar == TDA_FLOAT32 ? napi_float32_array : napi_float64_array;
  const std::uint64_t index_count = input.kind == TDA_DISTANCES_SPARSE ? input.entry_count : 0;
  input.values = in.array("values", value_type, value_count(input), arguments.values);
  input.row_indices = static_cast<const std::uint32_t*>(
      in.array("rowIndices", napi_uint32_array, index_count, arguments.row_indices));
  input.column_indices = static_cast<const std::uint32_t*>(
      in.array("columnIndices", napi_uint32_array, index_count, arguments.column_indices));

  tda_rips_options& options = arguments.options;
  tda_rips_options_init(&options);
  Fields op(env, options_value.As<Napi::Object>());
  options.max_dimension = op.count<std::uint32_t>("maxDimension");
  options.threshold = op.number("threshold");
  options.coefficient_field = op.count<std::uint32_t>("coefficientField");
  options.edge_collapse = op.count<std::uint32_t>("edgeCollapse");
  options.representatives = op.count<std::uint32_t>("representatives");
  options.threads = op.count<std::uint32_t>("threads");
  options.memory_limit_bytes = op.count<std::uint64_t>("memoryLimitBytes");
  options.simd_target = op.count<std::uint32_t>("simdTarget");

  if (!in.is_complete() || !op.is_complete()) return std::nullopt;
  return arguments;
}

}  // namespace tda::node
