// What must hold of a data directory after the process that wrote to it was killed.

#ifndef FORAKER_TESTS_CRASH_RECOVERY_CHECK_H_
#define FORAKER_TESTS_CRASH_RECOVERY_CHECK_H_

#include <atomic>
#include <random>
#include <string>

#include "tests/crash/writer_process.h"

namespace foraker::crash {

// Opens the directory as its next writer and as a reader beside it, and compares with `expected`,
// which then takes over what became of operations that were not acknowledged. `flush`: moves
// everything to files and compares again. Reports what is wrong as test failures.
void CheckRecovery(const std::string& data_dir, const std::string& scratch, bool flush,
                   std::mt19937_64& random, Expected& expected);

// Follows the directory as a reader until `done`; every snapshot it gets must be whole.
void ReadBeside(const std::string& data_dir, const std::atomic<bool>& done);

}  // namespace foraker::crash

#endif  // FORAKER_TESTS_CRASH_RECOVERY_CHECK_H_
