#include "services/auth/authenticator.h"

#include <openssl/crypto.h>

#include <cstring>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/auth/key_file.h"

namespace foraker::auth {
namespace {

// The name of the key of the settings.
constexpr char kSettingsKey[] = "server.api_key";

uint64_t Prefix(const TokenHash& hash) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, hash.data(), sizeof(prefix));
  return prefix;
}

}  // namespace

struct Authenticator::KeyRing {
  // By the first bytes of the hash: two keys that share them would have to be found.
  absl::flat_hash_map<uint64_t, std::shared_ptr<const Key>> keys;

  void Add(Key key) {
    const uint64_t prefix = Prefix(key.hash);
    keys[prefix] = std::make_shared<const Key>(std::move(key));
  }
};

Authenticator::Authenticator(Options options) : options_(std::move(options)) {}
Authenticator::~Authenticator() = default;

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Open(Options options) {
  auto authenticator = absl::WrapUnique(new Authenticator(std::move(options)));
  {
    absl::MutexLock lock(&authenticator->reload_mutex_);
    authenticator->state_ = FileState::Of(authenticator->options_.keys_file);
  }
  if (absl::Status status = authenticator->Load(); !status.ok()) {
    return base::Annotate(status, "server.keys_file");
  }
  return authenticator;
}

absl::Status Authenticator::Load() {
  auto ring = std::make_shared<KeyRing>();
  if (!options_.keys_file.empty()) {
    ASSIGN_OR_RETURN(std::vector<Key> keys, ReadKeyFile(options_.keys_file));
    for (Key& key : keys) ring->Add(std::move(key));
  }
  if (!options_.api_key.empty()) {
    Key key;
    key.name = kSettingsKey;
    key.scope = Scope::kAdmin;
    key.hash = HashToken(options_.api_key);
    ring->Add(std::move(key));
  }
  absl::MutexLock lock(&mutex_);
  ring_ = std::move(ring);
  return absl::OkStatus();
}

absl::StatusOr<bool> Authenticator::Reload() {
  if (options_.keys_file.empty()) return false;
  absl::MutexLock lock(&reload_mutex_);
  const FileState state = FileState::Of(options_.keys_file);
  if (state == state_) return false;
  state_ = state;
  RETURN_IF_ERROR(Load());
  return true;
}

absl::StatusOr<Access> Authenticator::Authenticate(std::string_view token) const {
  if (!needs_keys()) return Access();
  const TokenHash hash = HashToken(token);
  std::shared_ptr<const KeyRing> ring;
  {
    absl::MutexLock lock(&mutex_);
    ring = ring_;
  }
  const auto found = ring->keys.find(Prefix(hash));
  if (found != ring->keys.end() &&
      CRYPTO_memcmp(found->second->hash.data(), hash.data(), hash.size()) == 0 &&
      found->second->expires > absl::Now()) {
    return Access(found->second);
  }
  return absl::UnauthenticatedError(
      "a valid key is needed: send it as \"authorization: Bearer KEY\" or \"api-key: KEY\"");
}

std::string_view TokenOf(std::string_view authorization, std::string_view api_key) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() > kScheme.size() &&
      absl::EqualsIgnoreCase(base::ToAbsl(authorization.substr(0, kScheme.size())),
                             base::ToAbsl(kScheme))) {
    return authorization.substr(kScheme.size());
  }
  return api_key;
}

}  // namespace foraker::auth
