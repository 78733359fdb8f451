// SPDX-License-Identifier: Apache-2.0
//
// tda_node: the C ABI for JavaScript, thin. packages/engine/src/in-process.ts gives it its typed face.
#include <node_api.h>

#include "arguments.hpp"
#include "computation.hpp"
#include "js_values.hpp"
#include "tda/tda.h"

namespace tda::node {
namespace {

using Handle = std::shared_ptr<Computation>;

void delete_handle(napi_env, void* handle, void*) { delete static_cast<Handle*>(handle); }

// (input, options, onProgress | null, onDone) → handle
template <Operation operation>
napi_value compute(napi_env env, napi_callback_info info) {
  std::size_t count = 4;
  napi_value given[4] = {};
  if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok) return nullptr;
  const auto [input, options, on_progress, on_done] = given;
  if (!has_type(env, on_done, napi_function) ||
      !(has_type(env, on_progress, napi_function) || has_type(env, on_progress, napi_null))) {
    throw_type_error(env, "onProgress must be a function or null, onDone a function.");
    return nullptr;
  }
  const auto arguments = read_arguments(env, input, options);
  if (!arguments) return nullptr;
  auto handle = std::make_unique<Handle>(Computation::start(env, operation, *arguments, on_progress, on_done));
  napi_value external = nullptr;
  if (*handle == nullptr || napi_create_external(env, handle.get(), delete_handle, nullptr, &external) != napi_ok) {
    return nullptr;
  }
  static_cast<void>(handle.release());  // delete_handle deletes it
  return external;
}

// (handle)
napi_value cancel(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value given = nullptr;
  void* handle = nullptr;
  if (napi_get_cb_info(env, info, &count, &given, nullptr, nullptr) != napi_ok) return nullptr;
  if (napi_get_value_external(env, given, &handle) != napi_ok) {
    throw_type_error(env, "The handle is not that of a computation.");
    return nullptr;
  }
  (*static_cast<Handle*>(handle))->cancel();
  return nullptr;
}

}  // namespace
}  // namespace tda::node

NAPI_MODULE_INIT() {
  using namespace tda::node;
  ObjectWriter writer(env, exports);
  writer.set_text("version", tda_version());
  writer.set_function("vietorisRips", compute<Operation::vietoris_rips>);
  writer.set_function("estimateVietorisRips", compute<Operation::estimate_vietoris_rips>);
  writer.set_function("circularCoordinates", compute<Operation::circular_coordinates>);
  writer.set_function("computeFeatures", compute<Operation::features>);
  writer.set_function("cancel", cancel);
  return exports;
}
