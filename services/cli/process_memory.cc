#include "services/cli/process_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace foraker::cli {

uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");  // pages: all, resident
  uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t PeakResidentBytes() {
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

uint64_t AvailableBytes() {
  std::ifstream meminfo("/proc/meminfo");  // "MemAvailable:   20971520 kB"
  std::string name, unit;
  for (uint64_t kibibytes = 0; meminfo >> name >> kibibytes;) {
    if (name == "MemAvailable:") return kibibytes * 1024;
    std::getline(meminfo, unit);
  }
  return 0;
}

}  // namespace foraker::cli
