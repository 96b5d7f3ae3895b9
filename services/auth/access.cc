#include "services/auth/access.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace foraker::auth {

absl::Status Access::CheckMethod(std::string_view method) const {
  const Scope needed = RequiredScope(method);
  if (key_ == nullptr || key_->scope >= needed) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrFormat("%s needs a key of scope %s; this one is %s",
                                                     method, Name(needed), Name(key_->scope)));
}

absl::Status Access::CheckCollection(std::string_view collection, std::string_view given) const {
  if (MaySee(collection)) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrFormat("this key may not use the collection \"%s\"", given));
}

bool Access::MaySee(std::string_view collection) const {
  if (!bound()) return true;
  return std::any_of(
      key_->collections.begin(), key_->collections.end(),
      [collection](const std::string& pattern) { return MatchesGlob(pattern, collection); });
}

}  // namespace foraker::auth
