// Who calls: finds the key of a token among those of the keys file and the one of the settings.
//
// Thread-safe. Reload replaces all keys in one step; calls under way keep theirs. Errors of
// Authenticate: kUnauthenticated, in the same words for no key, a wrong one and an expired one, so
// that nothing tells them apart. Looking a token up takes its SHA-256; the candidate's hash is
// compared in constant time, and what the look-up before it may tell by its time is about the hash
// of what the caller sent, which leads to no other token.

#ifndef FORAKER_SERVICES_AUTH_AUTHENTICATOR_H_
#define FORAKER_SERVICES_AUTH_AUTHENTICATOR_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/auth/access.h"
#include "services/auth/file_state.h"
#include "services/auth/key.h"

namespace foraker::auth {

class Authenticator {
 public:
  struct Options {
    std::string keys_file;  // empty: none
    std::string api_key;    // one admin key, by its token; empty: none
  };

  // Without either, every caller may do everything. Reads the file.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Open(Options options);
  ~Authenticator();

  // Callers need keys.
  bool needs_keys() const { return !options_.keys_file.empty() || !options_.api_key.empty(); }

  // `token` is what the caller sent; empty: nothing.
  absl::StatusOr<Access> Authenticate(std::string_view token) const;

  // Reads the file again, if it has changed since. A file that cannot be read, or is wrong, leaves
  // the keys as they are and is an error, told once for each change. True: there are new keys.
  absl::StatusOr<bool> Reload();

 private:
  struct KeyRing;

  explicit Authenticator(Options options);
  absl::Status Load();

  const Options options_;
  absl::Mutex reload_mutex_;                        // one Reload at a time
  FileState state_ ABSL_GUARDED_BY(reload_mutex_);  // as it was read last
  mutable absl::Mutex mutex_;
  std::shared_ptr<const KeyRing> ring_ ABSL_GUARDED_BY(mutex_);
};

// The token in the value of an `authorization` header ("Bearer TOKEN"), else that of `api-key`.
std::string_view TokenOf(std::string_view authorization, std::string_view api_key);

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_AUTHENTICATOR_H_
