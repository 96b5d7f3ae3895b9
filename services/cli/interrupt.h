// Ctrl-C and SIGTERM: the first asks the work to stop where it can be continued, the second kills.

#ifndef FORAKER_SERVICES_CLI_INTERRUPT_H_
#define FORAKER_SERVICES_CLI_INTERRUPT_H_

#include <atomic>

namespace foraker::cli {

// Installs the handlers (once a process) and returns the flag that the first signal sets.
const std::atomic<bool>& StopRequested();

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_INTERRUPT_H_
