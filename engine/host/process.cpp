// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <malloc.h>
#include <sys/prctl.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#endif

namespace tda::host {
namespace {

#if defined(__linux__)
// The value of a line such as "VmRSS:      1234 kB", in bytes.
std::uint64_t read_line_kib(const char* text, const char* name) noexcept {
  const char* line = std::strstr(text, name);
  return line == nullptr ? 0 : std::strtoull(line + std::strlen(name), nullptr, 10) * 1024;
}

// Not getrusage: its peak begins with the program that ran in this process before exec.
MemoryUse read_memory_use() noexcept {
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char text[4096] = {};
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return {};
  return {.resident_bytes = read_line_kib(text, "VmRSS:"), .peak_resident_bytes = read_line_kib(text, "VmHWM:")};
}
#elif defined(__APPLE__)
MemoryUse read_memory_use() noexcept {
  mach_task_basic_info_data_t info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  const auto status = task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info), &count);
  if (status != KERN_SUCCESS) return {};
  return {.resident_bytes = info.resident_size, .peak_resident_bytes = info.resident_size_max};
}
#else
MemoryUse read_memory_use() noexcept { return {}; }
#endif

void become_first_victim() noexcept {
#if defined(__linux__)
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  // Raising one's own score needs no privilege; where /proc is read-only the default order stays.
  [[maybe_unused]] const ssize_t written = write(file, "1000", 4);
  close(file);
#endif
}

}  // namespace

std::uint64_t current_process_id() noexcept { return static_cast<std::uint64_t>(getpid()); }

MemoryUse current_memory_use() noexcept { return read_memory_use(); }

void release_free_memory() noexcept {
#if defined(__GLIBC__)
  // Measured: a few microseconds when there is nothing to give back.
  malloc_trim(0);
#endif
}

void settle_process() noexcept {
  // Fails when this process already leads its session, which is as good.
  [[maybe_unused]] const int grouped = setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &no_core);
  become_first_victim();
}

bool die_with_parent(std::uint64_t parent_process_id) noexcept {
#if defined(__linux__)
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
#endif
  // The parent may have died before the signal was asked for.
  return static_cast<std::uint64_t>(getppid()) == parent_process_id;
}

bool limit_address_space(std::uint64_t bytes) noexcept {
  const rlimit limit{.rlim_cur = static_cast<rlim_t>(bytes), .rlim_max = static_cast<rlim_t>(bytes)};
  return setrlimit(RLIMIT_AS, &limit) == 0;
}

}  // namespace tda::host
