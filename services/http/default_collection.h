// Which collection is searched by a call whose shape has no place for one: the one that the request
// names all the same, as an extension, else the setting's, else the only one there is.
//
// Thread-safe. Errors: kNotFound where the caller's key sees no collection, kFailedPrecondition
// where it sees several, saying what to set.

#ifndef FORAKER_SERVICES_HTTP_DEFAULT_COLLECTION_H_
#define FORAKER_SERVICES_HTTP_DEFAULT_COLLECTION_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/server/call.h"
#include "services/server/index_api.h"

namespace foraker::http {

class DefaultCollection {
 public:
  // `setting`: server.default_collection. Borrows `index`.
  DefaultCollection(server::IndexApi& index, std::string setting)
      : index_(&index), setting_(std::move(setting)) {}

  // `given`: what the request names; empty: nothing.
  absl::StatusOr<std::string> For(const std::string& given, server::Call& call) const;

 private:
  server::IndexApi* index_;
  std::string setting_;
};

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_DEFAULT_COLLECTION_H_
