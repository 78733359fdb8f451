// SPDX-License-Identifier: Apache-2.0
//
// The C ABI for JavaScript, thin: packages/engine/src/wasm/ gives it its typed face.
//
// Everything but the input's arrays and the bars goes through one array of doubles, `exchange`, in the order of the
// fields in packages/engine/src/native-call.ts (doubles carry every count below 2^53 exactly, and no number takes two forms). An
// instance does one computation at a time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "tda/features.h"
#include "tda/tda.h"

#define TDA_EXPORT(name) __attribute__((export_name(name)))

/// JavaScript's listener; the progress is in the exchange. Non-zero: cancel.
extern "C" __attribute__((import_module("tda"), import_name("on_progress"))) int tda_wasm_on_progress();

namespace {

/// The longest use is the estimate: 6 numbers and those of the dimensions.
double exchange[32];
static_assert(TDA_ESTIMATE_DIMENSIONS + 6 <= sizeof exchange / sizeof *exchange);

tda_result* result = nullptr;
tda_circular_result* circular_result = nullptr;
tda_feature_result* feature_result = nullptr;
tda_error error{};

/// Takes the numbers of a call from the exchange, in order.
class Reader {
 public:
  double number() noexcept { return *next_++; }
  std::uint32_t uint32() noexcept { return static_cast<std::uint32_t>(number()); }
  std::uint64_t uint64() noexcept { return static_cast<std::uint64_t>(number()); }
  template <class T>
  const T* array() noexcept {
    return reinterpret_cast<const T*>(static_cast<std::uintptr_t>(number()));
  }

 private:
  const double* next_ = exchange;
};

/// Puts the numbers of an answer into the exchange, in order.
class Writer {
 public:
  void number(double value) noexcept { *next_++ = value; }
  void count(std::uint64_t value) noexcept { number(static_cast<double>(value)); }
  void address(const void* array) noexcept { number(static_cast<double>(reinterpret_cast<std::uintptr_t>(array))); }
  /// NaN where there is none.
  void place(std::uint64_t value, std::uint64_t none) noexcept {
    number(value == none ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(value));
  }

 private:
  double* next_ = exchange;
};

struct Call {
  tda_input input;
  tda_rips_options options;
  tda_circular_options circular;
};

Call read_call() noexcept {
  Call call;
  Reader from;
  tda_input_init(&call.input);
  call.input.kind = from.uint32();
  call.input.scalar = from.uint32();
  call.input.metric = from.uint32();
  call.input.minkowski_p = from.number();
  call.input.rows = from.uint64();
  call.input.columns = from.uint64();
  call.input.values = from.array<void>();
  call.input.entry_count = from.uint64();
  call.input.row_indices = from.array<std::uint32_t>();
  call.input.column_indices = from.array<std::uint32_t>();
  tda_rips_options_init(&call.options);
  call.options.max_dimension = from.uint32();
  call.options.threshold = from.number();
  call.options.coefficient_field = from.uint32();
  call.options.edge_collapse = from.uint32();
  call.options.representatives = from.uint32();
  call.options.threads = from.uint32();
  call.options.memory_limit_bytes = from.uint64();
  call.options.simd_target = from.uint32();
  call.options.approximation = from.uint32();
  call.options.epsilon = from.number();
  call.options.subsample_points = from.uint64();
  tda_circular_options_init(&call.circular);
  const double bar = from.number();
  if (bar >= 0) call.circular.bar = static_cast<std::uint64_t>(bar);
  call.circular.scale = from.number();
  return call;
}

int on_progress(void*, const tda_progress* progress) {
  Writer to;
  to.number(progress->fraction);
  to.count(progress->stage);
  to.count(progress->dimension);
  to.count(progress->columns_done);
  to.count(progress->columns_total);
  to.count(progress->bytes);
  return tda_wasm_on_progress();
}

constexpr tda_control control{
    .struct_size = sizeof(tda_control), .reserved = 0, .on_progress = on_progress, .user = nullptr, .cancel = nullptr};

void prepare_error() noexcept {
  error = tda_error{};
  error.struct_size = sizeof error;
}

tda_status write_error(tda_status status) noexcept {
  Writer to;
  to.count(status);
  to.place(error.row, TDA_NO_INDEX);
  to.place(error.column, TDA_NO_INDEX);
  to.count(error.bytes);
  to.place(error.dimension, UINT32_MAX);
  return status;
}

}  // namespace

extern "C" {

TDA_EXPORT("tda_version") const char* tda_wasm_version() { return tda_version(); }
TDA_EXPORT("tda_exchange") double* tda_wasm_exchange() { return exchange; }

/// Memory for an input array; null when there is none.
TDA_EXPORT("tda_allocate") void* tda_wasm_allocate(std::size_t bytes) { return std::malloc(bytes); }
TDA_EXPORT("tda_free") void tda_wasm_free(void* memory) { std::free(memory); }

/// 0: the statistics are in the exchange, and the bars are there until tda_release. Otherwise the status; the error is in the exchange.
TDA_EXPORT("tda_vietoris_rips") tda_status tda_wasm_vietoris_rips() {
  const Call call = read_call();
  prepare_error();
  const tda_status status = tda_vietoris_rips(&call.input, &call.options, &control, &result, &error);
  if (status != TDA_OK) return write_error(status);
  tda_rips_statistics statistics{};
  statistics.struct_size = sizeof statistics;
  tda_result_statistics(result, &statistics);
  Writer to;
  to.count(statistics.simd_target);
  to.count(statistics.truncated);
  to.count(statistics.points);
  to.count(statistics.edges);
  to.count(statistics.simplices);
  to.number(statistics.threshold);
  to.number(statistics.enclosing_radius);
  to.count(statistics.peak_bytes);
  to.number(statistics.seconds);
  to.count(statistics.approximation);
  to.count(statistics.error_kind);
  to.number(statistics.error_bound);
  to.number(statistics.cover_radius);
  return status;
}

/// The bars of a dimension; their number is in the exchange.
TDA_EXPORT("tda_diagram") const double* tda_wasm_diagram(std::uint32_t dimension) {
  std::uint64_t count = 0;
  const double* const bars = tda_result_diagram(result, dimension, &count);
  Writer().count(count);
  return bars;
}

/// The representatives of a dimension: their number of bars and the addresses of their arrays are in the exchange; 0 = there are none.
TDA_EXPORT("tda_representatives") std::uint32_t tda_wasm_representatives(std::uint32_t dimension) {
  tda_representatives_view view{};
  view.struct_size = sizeof view;
  if (tda_result_representatives(result, dimension, &view) != TDA_OK) return TDA_REPRESENTATIVES_NONE;
  Writer to;
  to.count(view.bar_count);
  to.address(view.birth_simplices);
  to.address(view.death_simplices);
  to.address(view.chain_offsets);
  to.address(view.chain_simplices);
  to.address(view.chain_coefficients);
  to.address(view.loop_vertices);
  return view.kind;
}

/// Circular coordinates. 0: what it found is in the exchange, last the number of coordinates and their address, until tda_release. Otherwise as above.
TDA_EXPORT("tda_circular_coordinates") tda_status tda_wasm_circular_coordinates() {
  const Call call = read_call();
  prepare_error();
  const tda_status status = tda_circular_coordinates(&call.input, &call.options, &call.circular, &control, &circular_result, &error);
  if (status != TDA_OK) return write_error(status);
  tda_circular_view view{};
  view.struct_size = sizeof view;
  tda_circular_result_view(circular_result, &view);
  Writer to;
  to.count(view.simd_target);
  to.count(view.truncated);
  to.count(view.bar);
  to.number(view.birth);
  to.number(view.death);
  to.number(view.scale);
  to.number(view.energy);
  to.number(view.residual);
  to.count(view.steps);
  to.count(view.points);
  to.count(view.edges);
  to.number(view.threshold);
  to.count(view.peak_bytes);
  to.number(view.seconds);
  to.count(view.count);
  to.address(view.coordinates);
  return status;
}

/// Packed features: the values of the input. 0: what it found is in the exchange, last the number of features and the addresses of offsets and values, until tda_release.
TDA_EXPORT("tda_compute_features") tda_status tda_wasm_compute_features() {
  const Call call = read_call();
  prepare_error();
  const tda_feature_options options{.struct_size = sizeof options,
                                    .simd_target = call.options.simd_target,
                                    .memory_limit_bytes = call.options.memory_limit_bytes};
  const tda_status status = tda_compute_packed_features(static_cast<const double*>(call.input.values), call.input.rows, &options, &control,
                                                        &feature_result, &error);
  if (status != TDA_OK) return write_error(status);
  tda_feature_view view{};
  view.struct_size = sizeof view;
  tda_feature_result_view(feature_result, &view);
  Writer to;
  to.count(view.simd_target);
  to.count(view.peak_bytes);
  to.number(view.seconds);
  to.count(view.count);
  to.address(view.offsets);
  to.address(view.values);
  return status;
}

TDA_EXPORT("tda_release") void tda_wasm_release() {
  tda_result_free(result);
  result = nullptr;
  tda_circular_result_free(circular_result);
  circular_result = nullptr;
  tda_feature_result_free(feature_result);
  feature_result = nullptr;
}

/// 0: the estimate is in the exchange. Otherwise the status; the error is in the exchange.
TDA_EXPORT("tda_estimate") tda_status tda_wasm_estimate() {
  const Call call = read_call();
  prepare_error();
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  const tda_status status = tda_vietoris_rips_estimate(&call.input, &call.options, &control, &estimate, &error);
  if (status != TDA_OK) return write_error(status);
  Writer to;
  to.count(estimate.exact);
  to.count(estimate.points);
  to.number(estimate.edges);
  to.number(estimate.bytes);
  to.number(estimate.seconds);
  to.number(estimate.threshold);
  for (const double simplices : estimate.simplices) to.number(simplices);
  return status;
}

/// The sentence of the last error.
TDA_EXPORT("tda_error_message") const char* tda_wasm_error_message() { return error.message; }

}  // extern "C"
