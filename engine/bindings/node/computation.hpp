// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "arguments.hpp"
#include "results.hpp"
#include "tda/tda.h"

namespace tda::node {

enum class Operation { vietoris_rips, estimate_vietoris_rips, circular_coordinates, features };

/// One call of the engine on a thread of its own (libuv's few workers are for short work). Everything but the run itself
/// happens on the JavaScript thread. When the environment is torn down the run is cancelled and its thread joined.
class Computation {
 public:
  /// Calls `on_progress(progress)`, unless it is null, and at the end once `on_done(error, result)`, one of them null.
  /// Null: the environment is being torn down.
  [[nodiscard]] static std::shared_ptr<Computation> start(napi_env env, Operation operation, const Arguments& arguments,
                                                          napi_value on_progress, napi_value on_done);

  /// The run ends within about 100 ms with TDA_ERROR_CANCELLED, or with its result if that was first.
  void cancel() noexcept;

 private:
  // What the computing thread tells the JavaScript thread; the tags carry no data, so nothing leaks when they are dropped.
  enum class Event : std::uint8_t { progress, done };
  static void receive(napi_env env, napi_value, void* context, void* event);
  static void finalize(napi_env env, void* context, void*);

  [[nodiscard]] bool pin(napi_env env, const Arguments& arguments, napi_value on_progress, napi_value on_done);
  void unpin(napi_env env);
  void run() noexcept;
  void post(Event& event) noexcept;
  void post_progress(const tda_progress& progress) noexcept;
  void deliver_progress(napi_env env);
  void deliver_outcome(napi_env env);

  Operation operation_ = Operation::vietoris_rips;
  tda_input input_{};
  tda_rips_options options_{};
  tda_circular_options circular_{};
  std::array<napi_ref, 3> arrays_{};
  napi_ref on_progress_ = nullptr;
  napi_ref on_done_ = nullptr;
  bool has_listener_ = false;
  napi_threadsafe_function channel_ = nullptr;
  std::thread thread_;
  volatile std::int32_t cancel_flag_ = 0;
  bool is_channel_closed_ = false;  // computing thread only

  std::mutex progress_mutex_;
  tda_progress progress_{};              // guarded by progress_mutex_: the latest
  bool is_progress_on_its_way_ = false;  // guarded by progress_mutex_

  // Written by the computing thread before it posts `done`.
  tda_status status_ = TDA_OK;
  tda_error error_{};
  ResultPointer result_;
  CircularResultPointer circular_result_;
  FeatureResultPointer feature_result_;
  tda_rips_estimate estimate_{};
};

}  // namespace tda::node
