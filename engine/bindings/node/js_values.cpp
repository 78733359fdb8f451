// SPDX-License-Identifier: Apache-2.0
#include "js_values.hpp"

namespace tda::node {

ObjectWriter::ObjectWriter(napi_env env) noexcept : env_(env) {
  if (napi_create_object(env, &object_) != napi_ok) object_ = nullptr;
}

void ObjectWriter::set(const char* name, napi_value value) noexcept {
  if (object_ == nullptr) return;
  if (value == nullptr || napi_set_named_property(env_, object_, name, value) != napi_ok) object_ = nullptr;
}

void ObjectWriter::set_number(const char* name, double value) noexcept {
  napi_value number = nullptr;
  set(name, napi_create_double(env_, value, &number) == napi_ok ? number : nullptr);
}

void ObjectWriter::set_count(const char* name, std::uint64_t value) noexcept {
  set_number(name, static_cast<double>(value));
}

void ObjectWriter::set_text(const char* name, const char* utf8) noexcept {
  napi_value text = nullptr;
  set(name, napi_create_string_utf8(env_, utf8, NAPI_AUTO_LENGTH, &text) == napi_ok ? text : nullptr);
}

void ObjectWriter::set_null(const char* name) noexcept { set(name, null_value(env_)); }

void ObjectWriter::set_function(const char* name, napi_callback callback) noexcept {
  napi_value function = nullptr;
  const napi_status status = napi_create_function(env_, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  set(name, status == napi_ok ? function : nullptr);
}

napi_value null_value(napi_env env) noexcept {
  napi_value value = nullptr;
  return napi_get_null(env, &value) == napi_ok ? value : nullptr;
}

bool has_type(napi_env env, napi_value value, napi_valuetype type) noexcept {
  napi_valuetype actual = napi_undefined;
  return value != nullptr && napi_typeof(env, value, &actual) == napi_ok && actual == type;
}

std::optional<napi_value> get_field(napi_env env, napi_value object, const char* name) noexcept {
  napi_value value = nullptr;
  if (napi_get_named_property(env, object, name, &value) != napi_ok) return std::nullopt;
  return value;
}

void throw_type_error(napi_env env, const char* message) noexcept {
  // Fails where nothing can be thrown any more, and then nobody is there to catch it.
  [[maybe_unused]] const napi_status status = napi_throw_type_error(env, nullptr, message);
}

}  // namespace tda::node
