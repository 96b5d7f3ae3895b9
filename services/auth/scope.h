// What a key may do, and which of it a method asks for.
//
//   read-only    search, rank, ask, read, list, pin snapshots
//   read-write   also write and delete documents
//   admin        also make, change and drop collections, and everything else
//
// Pure functions. A method that is not known asks for admin, so that a new one is closed until it
// is listed.

#ifndef FORAKER_SERVICES_AUTH_SCOPE_H_
#define FORAKER_SERVICES_AUTH_SCOPE_H_

#include <optional>
#include <string_view>

namespace foraker::auth {

enum class Scope { kReadOnly, kReadWrite, kAdmin };  // each holds those before it

// "read-only", "read-write", "admin".
std::string_view Name(Scope scope);
std::optional<Scope> ParseScope(std::string_view name);

// By the RPC's name without its service: "WriteDocuments".
Scope RequiredScope(std::string_view method);

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_SCOPE_H_
