// An API key as the server knows it: who it is, what it may do, and the hash of its token.
//
// A token is 256 random bits, shown once when it is made. A fast hash of it is enough: slow hashes
// protect words that people choose, which can be guessed; 256 random bits cannot be, at any speed.
// So a call costs a microsecond here and not the tenth of a second of a password hash.
//
// Plain values and pure functions; GenerateToken reads the system's random source and says
// kInternal when that fails.

#ifndef FORAKER_SERVICES_AUTH_KEY_H_
#define FORAKER_SERVICES_AUTH_KEY_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/auth/scope.h"

namespace foraker::auth {

using TokenHash = std::array<uint8_t, 32>;  // SHA-256

// What a key may use in a second; 0: no such limit. Both may be used in a burst of one second.
struct Quota {
  double requests = 0;
  double postings = 0;  // predicted postings of searches
};

struct Key {
  std::string name;  // 1-64 of [A-Za-z0-9._-]; for people, logs and quotas
  Scope scope = Scope::kReadOnly;
  // Names of collections; * stands for any characters. Empty: all collections.
  std::vector<std::string> collections;
  TokenHash hash = {};
  absl::Time expires = absl::InfiniteFuture();
  Quota quota;
};

// "fk_" and 43 characters of base64url.
absl::StatusOr<std::string> GenerateToken();
TokenHash HashToken(std::string_view token);

bool IsKeyName(std::string_view name);

// `pattern` fits the whole of `name`; * stands for any characters, none included.
bool MatchesGlob(std::string_view pattern, std::string_view name);

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_KEY_H_
