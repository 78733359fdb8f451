// SPDX-License-Identifier: Apache-2.0
//
// tda_node: the C ABI for JavaScript, thin. packages/engine/src/in-process.ts gives it its typed face.
#include <napi.h>

#include "arguments.hpp"
#include "computation.hpp"
#include "tda/tda.h"

namespace tda::node {
namespace {

// (input, options, onProgress | null, onDone) → { cancel() }
template <Operation operation>
Napi::Value compute(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[3].IsFunction() || !(info[2].IsFunction() || info[2].IsNull())) {
    Napi::TypeError::New(env, "onProgress must be a function or null, onDone a function.").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto arguments = read_arguments(env, info[0], info[1]);
  if (!arguments) return env.Undefined();
  auto computation = Computation::start(env, operation, *arguments, info[2], info[3].As<Napi::Function>());
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("cancel", Napi::Function::New(env, [computation](const Napi::CallbackInfo&) { computation->cancel(); }));
  return handle;
}

Napi::Value version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), tda_version()); }

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::Function::New(env, version));
  exports.Set("vietorisRips", Napi::Function::New(env, compute<Operation::vietoris_rips>));
  exports.Set("estimateVietorisRips", Napi::Function::New(env, compute<Operation::estimate_vietoris_rips>));
  return exports;
}

}  // namespace
}  // namespace tda::node

static Napi::Object initialise_module(Napi::Env env, Napi::Object exports) {
  return tda::node::initialise(env, exports);
}
NODE_API_MODULE(tda_node, initialise_module)
