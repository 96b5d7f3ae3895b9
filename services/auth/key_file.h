// The file of keys: a JSON object a line, tokens as hashes.
//
//   {"name": "shop", "scope": "read-only", "collections": ["products", "news-*"],
//    "sha256": "9f86d0...", "expires": "2027-01-01T00:00:00Z",
//    "requests_per_second": 50, "postings_per_second": 1e9}
//
// `collections`, `expires` and the quotas may be left out: all collections, never, no limit. Lines
// that are empty or begin with # are skipped. A member that is not known is an error: a misspelt
// limit must not be no limit. Errors: kInvalidArgument "FILE:LINE: what was expected"; those of
// reading and writing files.

#ifndef FORAKER_SERVICES_AUTH_KEY_FILE_H_
#define FORAKER_SERVICES_AUTH_KEY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/auth/key.h"

namespace foraker::auth {

inline constexpr size_t kMaxKeys = 10'000;

// `file` names the source in errors. Names are unique, and so are tokens.
absl::StatusOr<std::vector<Key>> ParseKeys(std::string_view text, std::string_view file);
// One line, without its end.
std::string FormatKey(const Key& key);

absl::StatusOr<std::vector<Key>> ReadKeyFile(const std::string& path);
// Replaces the file in one step; only its owner can read it. Lines that are no keys are not kept.
absl::Status WriteKeyFile(const std::vector<Key>& keys, const std::string& path);

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_KEY_FILE_H_
