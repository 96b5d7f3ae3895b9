#include "services/auth/scope.h"

#include <algorithm>
#include <iterator>

namespace foraker::auth {
namespace {

constexpr std::string_view kReadOnlyMethods[] = {
    // Search
    "Search", "BatchSearch", "PredictPostings", "Analyze", "Links",
    // Index
    "GetDocuments", "ListDocuments", "ListCollections", "GetCollection", "Pin", "Release",
    // Rank
    "Rank", "GetRankModel",
    // Agent
    "Ask",
    // grpc.reflection and the pages of the HTTP listener that need a key
    "Reflection", "Metrics"};

constexpr std::string_view kReadWriteMethods[] = {"WriteDocuments", "StreamDocuments",
                                                  "DeleteDocuments"};

template <size_t n>
bool Holds(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::string_view Name(Scope scope) {
  switch (scope) {
    case Scope::kReadOnly:
      return "read-only";
    case Scope::kReadWrite:
      return "read-write";
    case Scope::kAdmin:
      break;
  }
  return "admin";
}

std::optional<Scope> ParseScope(std::string_view name) {
  for (const Scope scope : {Scope::kReadOnly, Scope::kReadWrite, Scope::kAdmin}) {
    if (name == Name(scope)) return scope;
  }
  return std::nullopt;
}

Scope RequiredScope(std::string_view method) {
  if (Holds(kReadOnlyMethods, method)) return Scope::kReadOnly;
  if (Holds(kReadWriteMethods, method)) return Scope::kReadWrite;
  return Scope::kAdmin;
}

}  // namespace foraker::auth
