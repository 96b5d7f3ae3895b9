// Memory of this process and of the machine, as Linux tells it. Bytes; 0 where it does not.

#ifndef FORAKER_SERVICES_CLI_PROCESS_MEMORY_H_
#define FORAKER_SERVICES_CLI_PROCESS_MEMORY_H_

#include <cstdint>

namespace foraker::cli {

uint64_t ResidentBytes();      // of this process, now
uint64_t PeakResidentBytes();  // of this process, at most so far
uint64_t AvailableBytes();     // that this machine can still give without swapping

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_PROCESS_MEMORY_H_
