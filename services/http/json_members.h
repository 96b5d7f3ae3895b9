// The members of a request's JSON object, read one by one; what nobody read is an error.
//
// A member that is null counts as not given, since clients send their unset options so. One object
// a request; one thread. Errors: kInvalidArgument, beginning with the member's name and saying what
// was expected.

#ifndef FORAKER_SERVICES_HTTP_JSON_MEMBERS_H_
#define FORAKER_SERVICES_HTTP_JSON_MEMBERS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::http {

using Json = nlohmann::json;

class JsonMembers {
 public:
  // The text must be an object, nested at most kMaxDepth deep: writing what was read recurses.
  static absl::StatusOr<JsonMembers> Parse(const std::string& text);
  static constexpr int kMaxDepth = 32;

  // These leave `value` as it is where the member is not given.
  absl::Status Read(const std::string& name, std::string& value);
  absl::Status Read(const std::string& name, bool& value);
  absl::Status Read(const std::string& name, uint32_t least, uint32_t most, uint32_t& value);
  // A member that must be given.
  absl::Status Require(const std::string& name, std::string& value);
  absl::StatusOr<Json> RequireArray(const std::string& name);
  // Null: not given.
  Json* Find(const std::string& name);

  // Every member was read.
  absl::Status CheckNoOthers() const;

 private:
  Json members_;
  std::set<std::string> known_;
};

// "documents[3]: expected a string, got a number".
absl::Status Unexpected(const std::string& name, const std::string& expected, const Json& got);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_JSON_MEMBERS_H_
