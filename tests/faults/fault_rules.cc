#include "tests/faults/fault_rules.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace foraker {

void FaultRules::Set(std::string_view rules) {
  const std::string next = file_ + ".next";
  std::ofstream(next) << rules << "\n";
  if (std::rename(next.c_str(), file_.c_str()) != 0) std::perror(file_.c_str());
}

void FaultRules::Clear() { std::remove(file_.c_str()); }

std::string FaultsFile() {
  const char* file = std::getenv("FORAKER_FAULTS");
  return file == nullptr ? "" : file;
}

void PreloadFaults(char** arguments) {
  if (!FaultsFile().empty()) return;
  const char* directory = std::getenv("TMPDIR");
  const std::string file = std::string(directory == nullptr ? "/tmp" : directory) +
                           "/foraker-faults." + std::to_string(getpid());
  setenv("FORAKER_FAULTS", file.c_str(), 1);
  setenv("LD_PRELOAD", FORAKER_FAULTS_LIBRARY, 1);
  execv("/proc/self/exe", arguments);
  std::perror("cannot start again with faults");
  std::exit(1);
}

}  // namespace foraker
