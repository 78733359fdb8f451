// SPDX-License-Identifier: Apache-2.0
//
// The host: the calling thread reads frames, one other thread computes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "channel.hpp"
#include "options.hpp"
#include "payload_buffer.hpp"
#include "request.hpp"
#include "tda/features.h"

namespace tda::host {

enum class HostExit : int { end_of_stream = 0, protocol_error = 65, output_closed = 74 };

class Host {
 public:
  Host(Channel& channel, const HostOptions& options) noexcept : channel_(channel), options_(options) {}

  /// Reads frames until the stream ends or is broken. A computation still running then is abandoned: the process must end.
  [[nodiscard]] HostExit read_frames();
  /// Computes the requests that read_frames takes in, one after the other, until stop().
  void compute_requests();
  void stop();

  /// 0 = idle.
  [[nodiscard]] std::uint64_t running_request_id();

 private:
  struct Job {
    std::uint64_t request_id = 0;
    PayloadBuffer payload;
    Request request;
  };

  [[nodiscard]] std::optional<HostExit> handle(const FrameHeader& header);
  [[nodiscard]] std::optional<HostExit> take_request(const FrameHeader& header);
  [[nodiscard]] std::optional<HostExit> refuse_payload(const FrameHeader& header, tda_status status, const char* message);
  [[nodiscard]] HostExit fail(ProtocolError error, std::uint64_t request_id);
  void cancel(std::uint64_t request_id);

  void compute(Job job);
  void send_representatives(std::uint64_t request_id, const tda_result* result, std::uint32_t dimension);
  void answer_vietoris_rips(std::uint64_t request_id, tda_result* result);
  void answer_coordinates(std::uint64_t request_id, tda_circular_result* result);
  void answer_values(std::uint64_t request_id, tda_feature_result* result);
  void answer_estimate(std::uint64_t request_id, const tda_rips_estimate& estimate);
  void answer_error(std::uint64_t request_id, tda_status status, const tda_error& error);
  template <typename Payload>
  void finish(FrameType type, std::uint64_t request_id, const Payload& payload);
  void become_idle();

  Channel& channel_;
  const HostOptions& options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> waiting_;            // guarded by mutex_
  std::uint64_t running_request_id_ = 0;  // guarded by mutex_; set from a request's acceptance to its answer
  bool is_stopping_ = false;              // guarded by mutex_
  volatile std::int32_t cancel_flag_ = 0;
};

}  // namespace tda::host
