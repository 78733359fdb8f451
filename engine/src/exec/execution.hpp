// SPDX-License-Identifier: Apache-2.0
//
// Execution: what one call carries through the engine: its budget, its cancellation and its progress.
//
// Rule: every loop whose work grows with the input calls poll(work) with the number of elements it has just processed (distances,
// entries, words of a bitset; any cheap unit). poll() is a subtraction; about once a millisecond it looks at the cancel flag and the clock.
// An Execution belongs to one thread; the workers of exec/parallel.hpp have their own, made from the computation's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "exec/budget.hpp"
#include "tda/tda.h"

namespace tda::detail {

/// Thrown by Execution::poll when the caller asked to stop.
struct Cancelled {};

class Execution {
 public:
  /// `control` may be null, and lives as long as the Execution. `threads`: the most that the computation may use, at least 1.
  Execution(std::uint64_t memory_limit_bytes, const tda_control* control, unsigned threads = 1) noexcept;
  /// For another worker of the computation: the same budget; no progress; Cancelled once `stop` is set.
  Execution(Execution& computation, const std::atomic<bool>& stop) noexcept;
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  Budget& budget() noexcept { return *budget_; }
  unsigned threads() const noexcept { return threads_; }

  /// While it lives, the computation's own thread is also stopped by `stop`.
  class StopScope {
   public:
    StopScope(Execution& execution, const std::atomic<bool>& stop) noexcept : execution_(&execution) { execution.stop_ = &stop; }
    ~StopScope() { execution_->stop_ = nullptr; }
    StopScope(const StopScope&) = delete;
    StopScope& operator=(const StopScope&) = delete;

   private:
    Execution* execution_;
  };

  /// Starts a stage: its columns move the fraction of the whole computation from the present one to `fraction_at_end`.
  void begin_stage(tda_stage stage, std::uint32_t dimension, std::uint64_t columns_total, double fraction_at_end);
  /// Columns of the present stage that are done, counted from its start.
  void set_columns_done(std::uint64_t done) noexcept { columns_done_ = done; }
  /// The present stage has this many columns after all; none of them is done.
  void expect_columns(std::uint64_t total) noexcept {
    columns_done_ = 0;
    columns_total_ = total;
  }
  /// The last report: fraction 1.
  void finish();

  /// Throws Cancelled when the caller asked to stop. `work`: elements processed since the last call.
  void poll(std::uint64_t work) {
    credit_ -= static_cast<std::int64_t>(work);
    if (credit_ <= 0) [[unlikely]]
      look_up();
  }

  /// What poll does once in a while: looks at the cancel flag, reports progress where it is due, throws Cancelled.
  void look_up();

  /// The dimension being worked on: where a memory error happened.
  std::uint32_t dimension() const noexcept { return dimension_; }
  double seconds() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void report(Clock::time_point now);

  Budget own_budget_;
  Budget* budget_;
  const tda_control* control_;
  bool reports_;
  const std::atomic<bool>* stop_ = nullptr;
  unsigned threads_;
  Clock::time_point started_;
  Clock::time_point last_look_;
  Clock::time_point last_report_;
  std::int64_t credit_;
  std::int64_t credit_step_;
  tda_stage stage_ = TDA_STAGE_DISTANCES;
  std::uint32_t dimension_ = 0;
  std::uint64_t columns_done_ = 0;
  std::uint64_t columns_total_ = 0;
  double fraction_at_start_ = 0;
  double fraction_at_end_ = 0;
  double fraction_ = 0;
};

}  // namespace tda::detail
