// Propagation of absl::Status, the only way errors travel between rooms.
//
// A message is one sentence that a person can act on: what was read, where, what was expected.
// Codes follow the gRPC documentation, because they reach the client unchanged: kInvalidArgument
// for what the caller gave, kDataLoss for a corrupt file, kNotFound, kFailedPrecondition, ...

#ifndef FORAKER_BASE_STATUS_H_
#define FORAKER_BASE_STATUS_H_

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace foraker::base {

// The same code, with `where` and ": " before the message. OK stays OK.
inline absl::Status Annotate(const absl::Status& status, std::string_view where) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(ToAbsl(where), ": ", status.message()));
}

}  // namespace foraker::base

#define FORAKER_CONCAT_INNER(a, b) a##b
#define FORAKER_CONCAT(a, b) FORAKER_CONCAT_INNER(a, b)

// Returns from the current function with the status of `expr` when it is not OK.
#define RETURN_IF_ERROR(expr)                                                              \
  do {                                                                                     \
    if (absl::Status foraker_status = (expr); !foraker_status.ok()) return foraker_status; \
  } while (false)

// Assigns the value of the StatusOr `expr` to `lhs` (which may declare it), or returns its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_INNER(FORAKER_CONCAT(foraker_statusor_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(statusor, lhs, expr) \
  auto statusor = (expr);                           \
  if (!statusor.ok()) return statusor.status();     \
  lhs = std::move(statusor).value()

#endif  // FORAKER_BASE_STATUS_H_
