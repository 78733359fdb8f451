// SPDX-License-Identifier: Apache-2.0
//
// Reading and making JavaScript values with the plain C interface of Node. From any moment on at which a worker thread is
// being ended, each call into JavaScript fails; here that yields "nothing", never an exception or an abort of the process.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <optional>

namespace tda::node {

/// Makes an object field by field. After a failure the object is null and stays so.
class ObjectWriter {
 public:
  /// A new object.
  explicit ObjectWriter(napi_env env) noexcept;
  ObjectWriter(napi_env env, napi_value object) noexcept : env_(env), object_(object) {}

  void set(const char* name, napi_value value) noexcept;
  void set_number(const char* name, double value) noexcept;
  /// Counts above 2^53 are rounded.
  void set_count(const char* name, std::uint64_t value) noexcept;
  void set_text(const char* name, const char* utf8) noexcept;
  void set_null(const char* name) noexcept;
  void set_function(const char* name, napi_callback callback) noexcept;

  [[nodiscard]] napi_value object() const noexcept { return object_; }

 private:
  napi_env env_;
  napi_value object_ = nullptr;
};

[[nodiscard]] napi_value null_value(napi_env env) noexcept;
[[nodiscard]] bool has_type(napi_env env, napi_value value, napi_valuetype type) noexcept;
[[nodiscard]] std::optional<napi_value> get_field(napi_env env, napi_value object, const char* name) noexcept;

/// Leaves a TypeError for the caller in JavaScript, who broke the contract of this binding.
void throw_type_error(napi_env env, const char* message) noexcept;

}  // namespace tda::node
