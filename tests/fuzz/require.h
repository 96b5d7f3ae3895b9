// What fuzzers demand of the code they call: a demand that does not hold ends the run as a crash.

#ifndef FORAKER_TESTS_FUZZ_REQUIRE_H_
#define FORAKER_TESTS_FUZZ_REQUIRE_H_

#include <cstdlib>

#include "absl/status/statusor.h"

namespace foraker {

inline void Require(bool condition) {
  if (!condition) std::abort();
}

// Of a parser that was told that its input is called FILE: what cannot be parsed is the file's
// fault, and said with its name.
template <typename T>
bool Parsed(const absl::StatusOr<T>& result) {
  if (result.ok()) return true;
  Require(result.status().code() == absl::StatusCode::kInvalidArgument);
  Require(result.status().message().find("FILE: ") == 0);
  return false;
}

}  // namespace foraker

#endif  // FORAKER_TESTS_FUZZ_REQUIRE_H_
