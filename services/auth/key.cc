#include "services/auth/key.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace foraker::auth {
namespace {

constexpr std::string_view kTokenPrefix = "fk_";
constexpr size_t kMaxNameBytes = 64;

}  // namespace

absl::StatusOr<std::string> GenerateToken() {
  std::array<uint8_t, 32> bits;
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
    return absl::InternalError("the system's source of random bits failed");
  }
  const std::string raw(bits.begin(), bits.end());
  return std::string(kTokenPrefix) + absl::WebSafeBase64Escape(raw);
}

TokenHash HashToken(std::string_view token) {
  TokenHash hash;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), hash.data());
  return hash;
}

bool IsKeyName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                  c == '-';
         });
}

// Greedy matching with one step back to the last star: linear but for patterns with many stars.
bool MatchesGlob(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [](char c) { return c == '*'; });
}

}  // namespace foraker::auth
