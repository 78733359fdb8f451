// SPDX-License-Identifier: Apache-2.0
#include "computation.hpp"

#include <system_error>
#include <utility>

namespace tda::node {

std::shared_ptr<Computation> Computation::start(Napi::Env env, Operation operation, const Arguments& arguments,
                                                Napi::Value on_progress, Napi::Function on_done) {
  auto computation = std::make_shared<Computation>();
  computation->operation_ = operation;
  computation->input_ = arguments.input;
  computation->options_ = arguments.options;
  const Napi::Value arrays[] = {arguments.values, arguments.row_indices, arguments.column_indices};
  for (std::size_t i = 0; i < std::size(arrays); ++i) {
    if (!arrays[i].IsEmpty()) computation->pinned_[i] = Napi::Reference<Napi::Value>::New(arrays[i], 1);
  }
  if (on_progress.IsFunction()) computation->on_progress_ = Napi::Persistent(on_progress.As<Napi::Function>());
  computation->on_done_ = Napi::Persistent(on_done);
  computation->error_.struct_size = sizeof computation->error_;
  computation->error_.row = TDA_NO_INDEX;
  computation->error_.column = TDA_NO_INDEX;
  computation->error_.dimension = UINT32_MAX;
  computation->estimate_.struct_size = sizeof computation->estimate_;
  computation->channel_ = Channel::New(env, "tda computation", 0, 1, new Context(computation), finalize);
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

void Computation::run() noexcept {
  const auto on_progress = [](void* user, const tda_progress* progress) -> int {
    static_cast<Computation*>(user)->post_progress(*progress);
    return 0;
  };
  const tda_control control{.struct_size = sizeof(tda_control),
                            .reserved = 0,
                            .on_progress = on_progress_.IsEmpty() ? nullptr : +on_progress,
                            .user = this,
                            .cancel = &cancel_flag_};
  if (operation_ == Operation::vietoris_rips) {
    tda_result* result = nullptr;
    status_ = tda_vietoris_rips(&input_, &options_, &control, &result, &error_);
    result_.reset(result);
  } else {
    status_ = tda_vietoris_rips_estimate(&input_, &options_, &control, &estimate_, &error_);
  }
  static Event done = Event::done;
  post(done);
}

// After the environment has begun to close the channel must not be used again, and nobody listens.
void Computation::post(Event& event) noexcept {
  if (is_channel_closed_) return;
  is_channel_closed_ = channel_.NonBlockingCall(&event) != napi_ok;
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
void Computation::receive(Napi::Env env, Napi::Function, Context* context, Event* event) {
  if (static_cast<napi_env>(env) == nullptr) return;
  const std::shared_ptr<Computation> computation = *context;
  if (*event == Event::progress) {
    computation->deliver_progress(env);
  } else {
    computation->deliver_outcome(env);
  }
}

// Runs once, after `done` or when the environment is torn down in mid-run; Node waits for it before it lets go of the channel.
void Computation::finalize(Napi::Env, void*, Context* context) {
  const std::unique_ptr<Context> owned(context);
  Computation& computation = **owned;
  computation.cancel();
  if (computation.thread_.joinable()) computation.thread_.join();
  computation.unpin();
}

void Computation::deliver_progress(Napi::Env env) {
  tda_progress progress{};
  {
    const std::lock_guard lock(progress_mutex_);
    progress = progress_;
    is_progress_on_its_way_ = false;
  }
  on_progress_.Call({to_progress(env, progress)});
}

void Computation::deliver_outcome(Napi::Env env) {
  const Napi::Function on_done = on_done_.Value();
  unpin();
  channel_.Release();
  if (status_ != TDA_OK) {
    on_done.Call({to_error(env, status_, error_), env.Null()});
  } else if (operation_ == Operation::vietoris_rips) {
    on_done.Call({env.Null(), to_result(env, std::move(result_))});
  } else {
    on_done.Call({env.Null(), to_estimate(env, estimate_)});
  }
}

void Computation::unpin() {
  for (auto& reference : pinned_) reference.Reset();
  on_progress_.Reset();
  on_done_.Reset();
}

}  // namespace tda::node
