// What the caller of one call may do: that of the key it gave, or everything where the server has
// no keys.
//
// Cheap to copy; holds a share of the key, so that a call ends as it began when keys are replaced
// meanwhile. Errors: kPermissionDenied, saying what is missing.

#ifndef FORAKER_SERVICES_AUTH_ACCESS_H_
#define FORAKER_SERVICES_AUTH_ACCESS_H_

#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "services/auth/key.h"

namespace foraker::auth {

class Access {
 public:
  Access() = default;  // everything
  explicit Access(std::shared_ptr<const Key> key) : key_(std::move(key)) {}

  absl::Status CheckMethod(std::string_view method) const;

  // Only some collections: their names must be known before CheckCollection.
  bool bound() const { return key_ != nullptr && !key_->collections.empty(); }
  // `collection` is a collection's own name; an alias must be resolved first. `given` is what the
  // request calls it.
  absl::Status CheckCollection(std::string_view collection, std::string_view given) const;
  bool MaySee(std::string_view collection) const;

  // Empty without keys.
  std::string_view key_name() const { return key_ == nullptr ? std::string_view() : key_->name; }
  Quota quota() const { return key_ == nullptr ? Quota() : key_->quota; }

 private:
  std::shared_ptr<const Key> key_;
};

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_ACCESS_H_
