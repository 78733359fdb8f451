// SPDX-License-Identifier: Apache-2.0
#include "exec/execution.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

using namespace std::chrono_literals;

// poll() looks at the clock about this often: 1/100 of the promised 100 ms, so that a unit of work may cost
// a hundred times as much in one loop as in the one before.
constexpr auto look_interval = 1000us;
constexpr auto report_interval = 20ms;
constexpr std::int64_t first_credit = 1 << 14;
constexpr std::int64_t least_credit = 1 << 8;
constexpr std::int64_t most_credit = std::int64_t{1} << 22;

}  // namespace

Execution::Execution(std::uint64_t memory_limit_bytes, const tda_control* control, unsigned threads) noexcept
    : own_budget_(memory_limit_bytes),
      budget_(&own_budget_),
      control_(control),
      reports_(control != nullptr && control->on_progress != nullptr),
      threads_(threads),
      started_(Clock::now()),
      last_look_(started_),
      last_report_(started_),
      credit_(0),  // the first poll looks: a call that is cancelled before it starts does nothing
      credit_step_(first_credit) {}

Execution::Execution(Execution& computation, const std::atomic<bool>& stop) noexcept
    : own_budget_(0),
      budget_(computation.budget_),
      control_(computation.control_),
      reports_(false),
      stop_(&stop),
      threads_(1),
      started_(computation.started_),
      last_look_(Clock::now()),
      last_report_(last_look_),
      credit_(0),
      credit_step_(first_credit) {}

double Execution::seconds() const noexcept { return std::chrono::duration<double>(Clock::now() - started_).count(); }

void Execution::begin_stage(tda_stage stage, std::uint32_t dimension, std::uint64_t columns_total, double fraction_at_end) {
  fraction_ = std::max(fraction_, fraction_at_end_);
  stage_ = stage;
  dimension_ = dimension;
  columns_done_ = 0;
  columns_total_ = columns_total;
  fraction_at_start_ = fraction_;
  fraction_at_end_ = std::clamp(fraction_at_end, fraction_, 1.0);
  poll(1);
}

void Execution::finish() {
  stage_ = TDA_STAGE_DONE;
  fraction_ = fraction_at_start_ = fraction_at_end_ = 1;
  columns_done_ = columns_total_ = 0;
  report(Clock::now());
}

void Execution::look_up() {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) throw Cancelled{};
  if (control_ != nullptr && control_->cancel != nullptr && *control_->cancel != 0) throw Cancelled{};
  const auto now = Clock::now();
  const auto elapsed = now - last_look_;
  if (elapsed < look_interval / 2) {
    credit_step_ = std::min(credit_step_ * 2, most_credit);
  } else if (elapsed > look_interval) {
    const auto slower = elapsed / look_interval + 1;
    credit_step_ = std::max(credit_step_ / static_cast<std::int64_t>(slower), least_credit);
  }
  last_look_ = now;
  credit_ = credit_step_;
  if (now - last_report_ >= report_interval) report(now);
}

void Execution::report(Clock::time_point now) {
  last_report_ = now;
  if (!reports_) return;
  if (columns_total_ != 0) {
    const double share = std::min(1.0, static_cast<double>(columns_done_) / static_cast<double>(columns_total_));
    fraction_ = std::max(fraction_, fraction_at_start_ + share * (fraction_at_end_ - fraction_at_start_));
  }
  // 1 is kept for the end.
  const double shown = stage_ == TDA_STAGE_DONE ? 1.0 : std::min(fraction_, 0.999);
  const tda_progress progress{.fraction = shown,
                              .stage = static_cast<std::uint32_t>(stage_),
                              .dimension = dimension_,
                              .columns_done = columns_done_,
                              .columns_total = columns_total_,
                              .bytes = budget_->used()};
  if (control_->on_progress(control_->user, &progress) != 0) throw Cancelled{};
}

}  // namespace tda::detail
