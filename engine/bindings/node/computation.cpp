// SPDX-License-Identifier: Apache-2.0
#include "computation.hpp"

#include <initializer_list>
#include <system_error>
#include <utility>

#include "js_values.hpp"

namespace tda::node {
namespace {

using Context = std::shared_ptr<Computation>;

bool make_reference(napi_env env, napi_value value, napi_ref& reference) {
  return napi_create_reference(env, value, 1, &reference) == napi_ok;
}

void drop_reference(napi_env env, napi_ref& reference) {
  if (reference != nullptr) napi_delete_reference(env, std::exchange(reference, nullptr));
}

// What a listener throws is Node's to report: it stays pending.
void call_listener(napi_env env, napi_ref listener, std::initializer_list<napi_value> arguments) {
  for (const napi_value argument : arguments) {
    if (argument == nullptr) return;
  }
  napi_value function = nullptr;
  napi_value receiver = nullptr;
  if (napi_get_reference_value(env, listener, &function) != napi_ok || function == nullptr) return;
  if (napi_get_undefined(env, &receiver) != napi_ok) return;
  napi_call_function(env, receiver, function, arguments.size(), arguments.begin(), nullptr);
}

}  // namespace

std::shared_ptr<Computation> Computation::start(napi_env env, Operation operation, const Arguments& arguments,
                                                napi_value on_progress, napi_value on_done) {
  auto computation = std::make_shared<Computation>();
  computation->operation_ = operation;
  computation->input_ = arguments.input;
  computation->options_ = arguments.options;
  computation->circular_ = arguments.circular;
  computation->error_.struct_size = sizeof computation->error_;
  computation->error_.row = TDA_NO_INDEX;
  computation->error_.column = TDA_NO_INDEX;
  computation->error_.dimension = UINT32_MAX;
  computation->estimate_.struct_size = sizeof computation->estimate_;

  napi_value name = nullptr;
  if (!computation->pin(env, arguments, on_progress, on_done) ||
      napi_create_string_utf8(env, "tda computation", NAPI_AUTO_LENGTH, &name) != napi_ok) {
    computation->unpin(env);
    return nullptr;
  }
  auto context = std::make_unique<Context>(computation);
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, context.get(), finalize, context.get(), receive,
                                      &computation->channel_) != napi_ok) {
    computation->unpin(env);
    return nullptr;
  }
  static_cast<void>(context.release());  // finalize deletes it
  try {
    computation->thread_ = std::thread([raw = computation.get()] { raw->run(); });
  } catch (const std::system_error&) {
    static Event done = Event::done;
    computation->status_ = TDA_ERROR_OUT_OF_MEMORY;
    computation->post(done);
  }
  return computation;
}

void Computation::cancel() noexcept { __atomic_store_n(&cancel_flag_, 1, __ATOMIC_RELAXED); }

bool Computation::pin(napi_env env, const Arguments& arguments, napi_value on_progress, napi_value on_done) {
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    if (arguments.arrays[i] != nullptr && !make_reference(env, arguments.arrays[i], arrays_[i])) return false;
  }
  has_listener_ = has_type(env, on_progress, napi_function);
  if (has_listener_ && !make_reference(env, on_progress, on_progress_)) return false;
  return make_reference(env, on_done, on_done_);
}

void Computation::unpin(napi_env env) {
  for (napi_ref& array : arrays_) drop_reference(env, array);
  drop_reference(env, on_progress_);
  drop_reference(env, on_done_);
}

void Computation::run() noexcept {
  const auto on_progress = [](void* user, const tda_progress* progress) -> int {
    static_cast<Computation*>(user)->post_progress(*progress);
    return 0;
  };
  const tda_control control{.struct_size = sizeof(tda_control),
                            .reserved = 0,
                            .on_progress = has_listener_ ? +on_progress : nullptr,
                            .user = this,
                            .cancel = &cancel_flag_};
  if (operation_ == Operation::vietoris_rips) {
    tda_result* result = nullptr;
    status_ = tda_vietoris_rips(&input_, &options_, &control, &result, &error_);
    result_.reset(result);
  } else if (operation_ == Operation::circular_coordinates) {
    tda_circular_result* result = nullptr;
    status_ = tda_circular_coordinates(&input_, &options_, &circular_, &control, &result, &error_);
    circular_result_.reset(result);
  } else if (operation_ == Operation::features) {
    const tda_feature_options options{
        .struct_size = sizeof options, .simd_target = options_.simd_target, .memory_limit_bytes = options_.memory_limit_bytes};
    tda_feature_result* result = nullptr;
    status_ = tda_compute_packed_features(static_cast<const double*>(input_.values), input_.rows, &options, &control, &result, &error_);
    feature_result_.reset(result);
  } else {
    status_ = tda_vietoris_rips_estimate(&input_, &options_, &control, &estimate_, &error_);
  }
  static Event done = Event::done;
  post(done);
}

// After the environment has begun to close the channel must not be used again, and nobody listens.
void Computation::post(Event& event) noexcept {
  if (is_channel_closed_) return;
  is_channel_closed_ = napi_call_threadsafe_function(channel_, &event, napi_tsfn_nonblocking) != napi_ok;
}

// A slow JavaScript thread gets the latest progress, not a queue of old ones.
void Computation::post_progress(const tda_progress& progress) noexcept {
  {
    const std::lock_guard lock(progress_mutex_);
    progress_ = progress;
    if (std::exchange(is_progress_on_its_way_, true)) return;
  }
  static Event event = Event::progress;
  post(event);
}

// Without an environment the context may be gone already.
void Computation::receive(napi_env env, napi_value, void* context, void* event) {
  if (env == nullptr) return;
  const Context computation = *static_cast<Context*>(context);
  if (*static_cast<Event*>(event) == Event::progress) {
    computation->deliver_progress(env);
  } else {
    computation->deliver_outcome(env);
  }
}

// Runs once, after `done` or when the environment is torn down in mid-run; Node waits for it before it lets go of the channel.
void Computation::finalize(napi_env env, void* context, void*) {
  const std::unique_ptr<Context> owned(static_cast<Context*>(context));
  Computation& computation = **owned;
  computation.cancel();
  if (computation.thread_.joinable()) computation.thread_.join();
  computation.unpin(env);
}

void Computation::deliver_progress(napi_env env) {
  tda_progress progress{};
  {
    const std::lock_guard lock(progress_mutex_);
    progress = progress_;
    is_progress_on_its_way_ = false;
  }
  call_listener(env, on_progress_, {to_progress(env, progress)});
}

void Computation::deliver_outcome(napi_env env) {
  napi_value error = null_value(env);
  napi_value answer = null_value(env);
  if (status_ != TDA_OK) {
    error = to_error(env, status_, error_);
  } else if (operation_ == Operation::vietoris_rips) {
    answer = to_result(env, std::move(result_));
  } else if (operation_ == Operation::circular_coordinates) {
    answer = to_coordinates(env, circular_result_.get());
    circular_result_.reset();
  } else if (operation_ == Operation::features) {
    answer = to_values(env, feature_result_.get());
    feature_result_.reset();
  } else {
    answer = to_estimate(env, estimate_);
  }
  if (answer == nullptr) {
    // V8 has no memory for the result, unless it is the environment's end, where this fails too.
    napi_value thrown = nullptr;
    napi_get_and_clear_last_exception(env, &thrown);
    error = to_error(env, TDA_ERROR_OUT_OF_MEMORY, error_);
    answer = null_value(env);
  }
  napi_release_threadsafe_function(channel_, napi_tsfn_release);
  // The listener may start the next computation on the same arrays; these need their pins no more.
  napi_ref listener = std::exchange(on_done_, nullptr);
  unpin(env);
  call_listener(env, listener, {error, answer});
  drop_reference(env, listener);
}

}  // namespace tda::node
