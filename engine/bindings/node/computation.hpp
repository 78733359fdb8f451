// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "arguments.hpp"
#include "results.hpp"
#include "tda/tda.h"

namespace tda::node {

enum class Operation { vietoris_rips, estimate_vietoris_rips };

/// One call of the engine on a thread of its own (libuv's few workers are for short work). Everything but the run itself
/// happens on the JavaScript thread. When the environment is torn down the run is cancelled and its thread joined.
class Computation {
 public:
  /// Calls `on_progress(progress)`, unless it is null, and at the end once `on_done(error, result)`, one of them null.
  [[nodiscard]] static std::shared_ptr<Computation> start(Napi::Env env, Operation operation, const Arguments& arguments,
                                                          Napi::Value on_progress, Napi::Function on_done);

  /// The run ends within about 100 ms with TDA_ERROR_CANCELLED, or with its result if that was first.
  void cancel() noexcept;

 private:
  // What the computing thread tells the JavaScript thread; the tags carry no data, so nothing leaks when they are dropped.
  enum class Event : std::uint8_t { progress, done };
  using Context = std::shared_ptr<Computation>;
  static void receive(Napi::Env env, Napi::Function, Context* context, Event* event);
  static void finalize(Napi::Env env, void*, Context* context);
  using Channel = Napi::TypedThreadSafeFunction<Context, Event, receive>;

  void run() noexcept;
  void post(Event& event) noexcept;
  void post_progress(const tda_progress& progress) noexcept;
  void deliver_progress(Napi::Env env);
  void deliver_outcome(Napi::Env env);
  void unpin();

  Operation operation_ = Operation::vietoris_rips;
  tda_input input_{};
  tda_rips_options options_{};
  Napi::Reference<Napi::Value> pinned_[3];
  Napi::FunctionReference on_progress_;
  Napi::FunctionReference on_done_;
  Channel channel_;
  std::thread thread_;
  volatile std::int32_t cancel_flag_ = 0;
  bool is_channel_closed_ = false;  // computing thread only

  std::mutex progress_mutex_;
  tda_progress progress_{};             // guarded by progress_mutex_: the latest
  bool is_progress_on_its_way_ = false;  // guarded by progress_mutex_

  // Written by the computing thread before it posts `done`.
  tda_status status_ = TDA_OK;
  tda_error error_{};
  ResultPointer result_;
  tda_rips_estimate estimate_{};
};

}  // namespace tda::node
