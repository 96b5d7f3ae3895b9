#include "services/cli/interrupt.h"

#include <csignal>

namespace foraker::cli {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void OnSignal(int) { stop_requested.store(true); }

bool Install() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESETHAND;  // the second one finds the default handler, which kills
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return true;
}

}  // namespace

const std::atomic<bool>& StopRequested() {
  static const bool installed = Install();
  static_cast<void>(installed);
  return stop_requested;
}

}  // namespace foraker::cli
