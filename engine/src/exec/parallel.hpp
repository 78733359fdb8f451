// SPDX-License-Identifier: Apache-2.0
//
// Parallel work inside one computation: one function on several threads, and a queue that deals out what there is to do.
//
// The calling thread takes part as worker 0 with the computation's own Execution, so that progress is reported from it and from no other. Each other
// worker has an Execution of its own that shares the budget and stops when anyone stops. Whatever a worker throws ends all and is thrown
// again by the caller; a budget error goes before the cancellations that it causes. Threads live for one call: starting one costs some 20 µs.
// Where the system has no more threads, or none at all (WebAssembly), fewer take part; results never depend on their number.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <system_error>
#include <mutex>
#if !defined(__wasm__)
#include <chrono>
#include <condition_variable>
#include <thread>
#endif
#include <vector>

#include "exec/execution.hpp"

namespace tda::detail {

/// Workers change what they share under one of these.
#if defined(__wasm__)
struct Mutex {
  void lock() noexcept {}
  void unlock() noexcept {}
};
#else
using Mutex = std::mutex;
#endif

/// A range of [0, count) at a time, in increasing order, until nothing is left. Safe to share between workers.
class WorkQueue {
 public:
  struct Range {
    std::size_t begin, end;
  };

  WorkQueue(std::size_t count, std::size_t step) noexcept : count_(count), step_(std::max<std::size_t>(step, 1)) {}

  std::optional<Range> next() noexcept {
    const std::size_t begin = next_.fetch_add(step_, std::memory_order_relaxed);
    if (begin >= count_) return std::nullopt;
    return Range{begin, std::min(count_, begin + step_)};
  }

 private:
  std::size_t count_;
  std::size_t step_;
  std::atomic<std::size_t> next_{0};
};

/// How many of the computation's threads a piece of work pays for. `work`: in units of Execution::poll, about a nanosecond each.
inline unsigned workers_for(const Execution& execution, std::uint64_t work) noexcept {
  constexpr std::uint64_t work_of_a_thread = 500'000;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(work / work_of_a_thread, 1, execution.threads()));
}

/// Calls body(worker, execution) for worker = 0, 1, … at the same time, at most `workers` of them: each takes what it does from a queue, and those
/// that run do all. Throws what a worker throws.
template <class Body>
void in_parallel(Execution& execution, [[maybe_unused]] unsigned workers, Body body) {
#if !defined(__wasm__)
  if (workers > 1) {
    std::atomic<bool> stop{false};
    const Execution::StopScope scope(execution, stop);
    std::vector<std::exception_ptr> errors(workers);
    const auto guarded = [&](unsigned worker, auto&& work) noexcept {
      try {
        work();
      } catch (...) {
        errors[worker] = std::current_exception();
        stop.store(true, std::memory_order_relaxed);
      }
    };
    {
      std::mutex mutex;
      std::condition_variable someone_ended;
      std::size_t running = 0;  // under the mutex
      std::vector<std::jthread> threads;
      threads.reserve(workers - 1);
      for (unsigned worker = 1; worker < workers; ++worker) {
        try {
          const std::lock_guard lock(mutex);
          threads.emplace_back([&, worker] {
            guarded(worker, [&] {
              Execution own(execution, stop);
              body(worker, own);
            });
            const std::lock_guard ended(mutex);
            --running;
            someone_ended.notify_one();
          });
          ++running;
        } catch (const std::system_error&) {
          break;
        }
      }
      guarded(0, [&] { body(0u, execution); });
      // The others work on; the caller still wants its progress, and to be asked whether to go on.
      constexpr std::chrono::milliseconds look_interval(10);
      std::unique_lock lock(mutex);
      while (!someone_ended.wait_for(lock, look_interval, [&] { return running == 0; })) {
        lock.unlock();
        if (!errors[0]) guarded(0, [&] { execution.look_up(); });
        lock.lock();
      }
    }
    std::exception_ptr first;
    for (const std::exception_ptr& error : errors) {
      if (!error) continue;
      try {
        std::rethrow_exception(error);
      } catch (const Cancelled&) {
        if (!first) first = error;
      } catch (...) {
        first = error;
        break;
      }
    }
    if (first) std::rethrow_exception(first);
    return;
  }
#endif
  body(0u, execution);
}

}  // namespace tda::detail
