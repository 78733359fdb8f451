// SPDX-License-Identifier: Apache-2.0
//
// tda-engine-host: the engine as a small supervised process. Frames come in on stdin and go out on stdout
// (docs/reference/engine-host-protocol.md); stderr is for people.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "host.hpp"
#include "messages.hpp"
#include "process.hpp"

namespace {

constexpr int usage_exit = 64;
constexpr int system_exit = 71;

int run(const tda::host::HostOptions& options) {
  using namespace tda::host;
  settle_process();
  if (options.parent_process_id && !die_with_parent(*options.parent_process_id)) return system_exit;
  if (options.address_space_bytes != 0 && !limit_address_space(options.address_space_bytes)) {
    std::fputs("tda-engine-host: the system refuses --address-space-bytes.\n", stderr);
    return system_exit;
  }

  Channel channel(STDIN_FILENO, STDOUT_FILENO);
  Host host(channel, options);
  if (!channel.write(FrameType::hello, 0, make_hello(options.max_payload_bytes, options.memory_limit_bytes))) {
    return static_cast<int>(HostExit::output_closed);
  }
  std::jthread computing([&host] { host.compute_requests(); });
  const auto exit_code = static_cast<int>(host.read_frames());
  // Nobody waits for a computation whose caller is gone.
  if (host.running_request_id() != 0) _exit(exit_code);
  host.stop();
  return exit_code;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::span<const char* const> given(arguments + 1, static_cast<std::size_t>(argument_count - 1));
  const auto options = tda::host::parse_options(given);
  if (!options) {
    std::fprintf(stderr, "tda-engine-host: %s\n", options.error().c_str());
    return usage_exit;
  }
  if (options->is_version_asked) {
    std::printf("%s\n", tda_version());
    return EXIT_SUCCESS;
  }
  return run(*options);
}
