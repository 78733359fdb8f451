// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "messages.hpp"
#include "process.hpp"

namespace tda::host {
namespace {

tda_error empty_error() noexcept {
  tda_error error{};
  error.struct_size = sizeof error;
  error.row = TDA_NO_INDEX;
  error.column = TDA_NO_INDEX;
  error.dimension = UINT32_MAX;
  return error;
}

struct ProgressTarget {
  Channel& channel;
  std::uint64_t request_id;
};

// A progress frame that nobody reads yet would hold up the computation, so it is left out: a later one says more.
int report_progress(void* user, const tda_progress* progress) noexcept {
  const auto& target = *static_cast<ProgressTarget*>(user);
  if (target.channel.is_writable()) {
    target.channel.write(FrameType::progress, target.request_id, make_progress(*progress));
  }
  return 0;
}

// 0 means "none" on both sides.
std::uint64_t tighter_limit(std::uint64_t a, std::uint64_t b) noexcept {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

HostExit Host::read_frames() {
  std::array<std::byte, frame_header_bytes> bytes;
  while (true) {
    const ReadOutcome outcome = channel_.read(bytes);
    if (outcome == ReadOutcome::end_of_stream) return HostExit::end_of_stream;
    if (outcome == ReadOutcome::truncated) return fail(ProtocolError::truncated, 0);
    const auto header = parse_header(bytes, options_.max_payload_bytes);
    if (!header) return fail(header.error(), 0);
    if (const auto exit = handle(*header)) return *exit;
  }
}

std::optional<HostExit> Host::handle(const FrameHeader& header) {
  switch (static_cast<FrameType>(header.type)) {
    case FrameType::request: return take_request(header);
    case FrameType::cancel: cancel(header.request_id); return std::nullopt;
    default: break;  // parse_header leaves only PING
  }
  const PongPayload pong{.running_request_id = running_request_id(), .memory = current_memory_use()};
  if (!channel_.write(FrameType::pong, header.request_id, pong)) return HostExit::output_closed;
  return std::nullopt;
}

std::optional<HostExit> Host::take_request(const FrameHeader& header) {
  if (running_request_id() != 0) return fail(ProtocolError::busy, header.request_id);
  const std::uint64_t limit = options_.memory_limit_bytes;
  if (limit != 0 && header.payload_bytes > limit) {
    return refuse_payload(header, TDA_ERROR_MEMORY_LIMIT, "The input alone is larger than the memory limit.");
  }
  auto payload = PayloadBuffer::allocate(header.payload_bytes);
  if (!payload) return refuse_payload(header, TDA_ERROR_OUT_OF_MEMORY, "The system has no memory for the input.");
  if (channel_.read(payload->bytes()) != ReadOutcome::complete) {
    return fail(ProtocolError::truncated, header.request_id);
  }

  auto request = parse_request(payload->bytes());
  if (!request) return fail(request.error(), header.request_id);
  request->options.memory_limit_bytes = tighter_limit(request->options.memory_limit_bytes, limit);
  {
    const std::lock_guard lock(mutex_);
    cancel_flag_ = 0;
    running_request_id_ = header.request_id;
    waiting_ = Job{.request_id = header.request_id, .payload = std::move(*payload), .request = *request};
  }
  changed_.notify_one();
  return std::nullopt;
}

// The stream stays in step: the payload is read and dropped, and the host can take the next request.
std::optional<HostExit> Host::refuse_payload(const FrameHeader& header, tda_status status, const char* message) {
  if (channel_.skip(header.payload_bytes) != ReadOutcome::complete) {
    return fail(ProtocolError::truncated, header.request_id);
  }
  tda_error error = empty_error();
  error.bytes = header.payload_bytes;
  std::snprintf(error.message, sizeof error.message, "%s", message);
  if (!channel_.write(FrameType::error, header.request_id, make_error(status, error))) return HostExit::output_closed;
  return std::nullopt;
}

HostExit Host::fail(ProtocolError error, std::uint64_t request_id) {
  channel_.write(FrameType::error, request_id, make_error(error));
  return HostExit::protocol_error;
}

// A CANCEL for a request that has just been answered is late, not wrong.
void Host::cancel(std::uint64_t request_id) {
  const std::lock_guard lock(mutex_);
  if (running_request_id_ == request_id) __atomic_store_n(&cancel_flag_, 1, __ATOMIC_RELAXED);
}

void Host::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_one();
}

std::uint64_t Host::running_request_id() {
  const std::lock_guard lock(mutex_);
  return running_request_id_;
}

void Host::compute_requests() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.has_value() || is_stopping_; });
    if (is_stopping_) return;
    Job job = std::move(*waiting_);
    waiting_.reset();
    lock.unlock();
    compute(std::move(job));
  }
}

// Each answer is written after the memory of its request is given back, so that its resident size is what the host keeps.
void Host::compute(Job job) {
  const std::uint64_t request_id = job.request_id;
  ProgressTarget target{.channel = channel_, .request_id = request_id};
  const tda_control control{.struct_size = sizeof(tda_control),
                            .reserved = 0,
                            .on_progress = report_progress,
                            .user = &target,
                            .cancel = &cancel_flag_};
  tda_error error = empty_error();
  tda_status status = TDA_OK;
  tda_result* result = nullptr;
  tda_circular_result* coordinates = nullptr;
  tda_feature_result* values = nullptr;
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  if (job.request.operation == Operation::vietoris_rips) {
    status = tda_vietoris_rips(&job.request.input, &job.request.options, &control, &result, &error);
  } else if (job.request.operation == Operation::circular_coordinates) {
    status = tda_circular_coordinates(&job.request.input, &job.request.options, &job.request.circular, &control, &coordinates, &error);
  } else if (job.request.operation == Operation::features) {
    const tda_feature_options options{.struct_size = sizeof options,
                                      .simd_target = job.request.options.simd_target,
                                      .memory_limit_bytes = job.request.options.memory_limit_bytes};
    const auto* numbers = static_cast<const double*>(job.request.input.values);
    status = tda_compute_packed_features(numbers, job.request.input.rows, &options, &control, &values, &error);
  } else {
    status = tda_vietoris_rips_estimate(&job.request.input, &job.request.options, &control, &estimate, &error);
  }
  job.payload = PayloadBuffer();

  if (status != TDA_OK) {
    answer_error(request_id, status, error);
  } else if (result != nullptr) {
    answer_vietoris_rips(request_id, result);
  } else if (coordinates != nullptr) {
    answer_coordinates(request_id, coordinates);
  } else if (values != nullptr) {
    answer_values(request_id, values);
  } else {
    answer_estimate(request_id, estimate);
  }
}

void Host::send_representatives(std::uint64_t request_id, const tda_result* result, std::uint32_t dimension) {
  tda_representatives_view view{};
  view.struct_size = sizeof view;
  if (tda_result_representatives(result, dimension, &view) != TDA_OK || view.kind == TDA_REPRESENTATIVES_NONE) return;
  const auto bars = static_cast<std::size_t>(view.bar_count);
  const std::size_t size = std::size_t{dimension} + 1;
  RepresentativesHead head{.kind = view.kind, .bar_count = view.bar_count};
  std::array<std::span<const std::byte>, 7> parts;
  std::size_t count = 0;
  parts[count++] = std::as_bytes(std::span(&head, 1));
  parts[count++] = std::as_bytes(std::span(view.birth_simplices, bars * size));
  parts[count++] = std::as_bytes(std::span(view.death_simplices, bars * (size + 1)));
  if (view.chain_offsets != nullptr) {
    head.has_chains = 1;
    head.chain_count = view.chain_offsets[bars];
    const auto chain_count = static_cast<std::size_t>(head.chain_count);
    parts[count++] = std::as_bytes(std::span(view.chain_offsets, bars + 1));
    parts[count++] = std::as_bytes(std::span(view.chain_simplices, chain_count * size));
    parts[count++] = std::as_bytes(std::span(view.chain_coefficients, chain_count));
    if (view.loop_vertices != nullptr) {
      head.has_loops = 1;
      parts[count++] = std::as_bytes(std::span(view.loop_vertices, chain_count));
    }
  }
  channel_.write(FrameType::representatives, request_id, dimension, std::span(parts.data(), count));
}

void Host::answer_vietoris_rips(std::uint64_t request_id, tda_result* result) {
  const std::uint32_t diagram_count = tda_result_diagram_count(result);
  for (std::uint32_t dimension = 0; dimension < diagram_count; ++dimension) {
    std::uint64_t count = 0;
    const double* bars = tda_result_diagram(result, dimension, &count);
    const std::span<const double> values(bars, static_cast<std::size_t>(2 * count));
    channel_.write(FrameType::diagram, request_id, dimension, std::as_bytes(values));
  }
  for (std::uint32_t dimension = 0; dimension < diagram_count; ++dimension) send_representatives(request_id, result, dimension);
  tda_rips_statistics statistics{};
  statistics.struct_size = sizeof statistics;
  tda_result_statistics(result, &statistics);
  tda_result_free(result);
  release_free_memory();
  finish(FrameType::result, request_id, make_result(diagram_count, statistics));
}

void Host::answer_coordinates(std::uint64_t request_id, tda_circular_result* result) {
  tda_circular_view view{};
  view.struct_size = sizeof view;
  tda_circular_result_view(result, &view);
  release_free_memory();
  const CoordinatesHead head = make_coordinates(view);
  const std::array<std::span<const std::byte>, 2> parts{
      std::as_bytes(std::span(&head, 1)), std::as_bytes(std::span(view.coordinates, static_cast<std::size_t>(view.count)))};
  become_idle();
  channel_.write(FrameType::coordinates, request_id, 0, parts);
  tda_circular_result_free(result);
}

void Host::answer_values(std::uint64_t request_id, tda_feature_result* result) {
  tda_feature_view view{};
  view.struct_size = sizeof view;
  tda_feature_result_view(result, &view);
  release_free_memory();
  const ValuesHead head = make_values(view);
  const auto count = static_cast<std::size_t>(view.count);
  const std::array<std::span<const std::byte>, 3> parts{
      std::as_bytes(std::span(&head, 1)), std::as_bytes(std::span(view.offsets, count + 1)),
      std::as_bytes(std::span(view.values, static_cast<std::size_t>(view.offsets[count])))};
  become_idle();
  channel_.write(FrameType::values, request_id, 0, parts);
  tda_feature_result_free(result);
}

void Host::answer_estimate(std::uint64_t request_id, const tda_rips_estimate& estimate) {
  release_free_memory();
  finish(FrameType::estimate, request_id, make_estimate(estimate));
}

void Host::answer_error(std::uint64_t request_id, tda_status status, const tda_error& error) {
  release_free_memory();
  finish(FrameType::error, request_id, make_error(status, error));
}

// Idle before the answer is out: whoever reads it may send the next request at once.
template <typename Payload>
void Host::finish(FrameType type, std::uint64_t request_id, const Payload& payload) {
  become_idle();
  channel_.write(type, request_id, payload);
}

void Host::become_idle() {
  const std::lock_guard lock(mutex_);
  running_request_id_ = 0;
}

}  // namespace tda::host
