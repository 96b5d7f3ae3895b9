// Switches the faults of faults.cc on and off in this process or in one it starts. One at a time.

#ifndef FORAKER_TESTS_FAULTS_FAULT_RULES_H_
#define FORAKER_TESTS_FAULTS_FAULT_RULES_H_

#include <string>
#include <string_view>

namespace foraker {

// The rules of one file, which goes with it.
class FaultRules {
 public:
  // `file` is what the process has in FORAKER_FAULTS.
  explicit FaultRules(std::string file) : file_(std::move(file)) {}
  ~FaultRules() { Clear(); }
  FaultRules(const FaultRules&) = delete;
  FaultRules& operator=(const FaultRules&) = delete;

  // Replaces the rules, as faults.cc describes them.
  void Set(std::string_view rules);
  void Clear();

 private:
  const std::string file_;
};

// The file of this process. PreloadFaults has been called.
std::string FaultsFile();

// For main: starts the program again with the library before it, unless that has been done.
void PreloadFaults(char** arguments);

}  // namespace foraker

#endif  // FORAKER_TESTS_FAULTS_FAULT_RULES_H_
