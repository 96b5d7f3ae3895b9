// Runs crash_writer, listens to what it says, kills it.

#ifndef FORAKER_TESTS_CRASH_WRITER_PROCESS_H_
#define FORAKER_TESTS_CRASH_WRITER_PROCESS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/crash/workload.h"

namespace foraker::crash {

// What crash_writer announced and has not ended.
struct Pending {
  std::string op;
  std::string name;  // group, snapshot or shard
  uint64_t content = 0;
  int64_t tag = 0;
  std::string request;  // empty: none
};

struct AcknowledgedRequest {
  std::string id;
  uint64_t hash = 0;
  uint64_t sequence = 0;
  std::vector<uint64_t> versions;
};

// What a data directory must hold.
struct Expected {
  State state;
  std::map<int, Pending> pending;             // by thread
  std::vector<AcknowledgedRequest> requests;  // the newest ones
  std::map<std::string, uint64_t> snapshots;  // name -> fingerprint
  uint64_t acknowledged = 0;                  // writes, ever
  uint64_t seed = 0;                          // of the last run

  // Takes in a line of crash_writer.
  absl::Status Hear(const std::string& line);
};

struct KilledRun {
  bool by_fault = false;  // else when its time was over
  std::string report;     // of the fault
};

// Runs crash_writer on `data_dir` for at most `time`. `rules` are those of its faults (a file in
// `scratch`). An error when it ends in any other way than by SIGKILL, or says what it must not.
absl::StatusOr<KilledRun> RunUntilKilled(const std::string& data_dir, const std::string& shards,
                                         const std::string& scratch, uint64_t seed,
                                         const std::string& rules, absl::Duration time,
                                         Expected& expected);

}  // namespace foraker::crash

#endif  // FORAKER_TESTS_CRASH_WRITER_PROCESS_H_
