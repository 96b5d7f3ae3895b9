// Where in a message a value stands, for errors: "query.sparse_vector.terms[3].weight".
//
// A chain of links on the stack, so that a request without errors pays nothing for it. A link must
// not outlive the one it was made from.

#ifndef FORAKER_SERVICES_CONVERT_FIELD_PATH_H_
#define FORAKER_SERVICES_CONVERT_FIELD_PATH_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace foraker::convert {

class FieldPath {
 public:
  FieldPath() = default;  // the message itself

  FieldPath Field(std::string_view name) const { return FieldPath(this, name, -1); }
  FieldPath Element(std::string_view name, int index) const { return FieldPath(this, name, index); }

  std::string ToString() const;

  // kInvalidArgument: "PATH: PROBLEM".
  absl::Status Invalid(std::string_view problem) const;
  // kInvalidArgument when a value that must be given is empty.
  absl::Status Required(std::string_view value) const {
    return value.empty() ? Invalid("must be given") : absl::OkStatus();
  }

 private:
  FieldPath(const FieldPath* parent, std::string_view name, int index)
      : parent_(parent), name_(name), index_(index) {}

  const FieldPath* parent_ = nullptr;
  std::string_view name_;
  int index_ = -1;  // in a repeated field; -1: not one
};

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_FIELD_PATH_H_
