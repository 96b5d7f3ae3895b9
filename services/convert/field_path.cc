#include "services/convert/field_path.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/string_view.h"

namespace foraker::convert {

std::string FieldPath::ToString() const {
  if (parent_ == nullptr) return "";
  std::string path = parent_->ToString();
  if (!path.empty()) path += '.';
  path += name_;
  if (index_ >= 0) absl::StrAppend(&path, "[", index_, "]");
  return path;
}

absl::Status FieldPath::Invalid(std::string_view problem) const {
  const std::string path = ToString();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %s", path.empty() ? "request" : path, problem));
}

}  // namespace foraker::convert
