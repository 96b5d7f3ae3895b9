#include "services/http/default_collection.h"

#include "absl/status/status.h"
#include "base/status.h"

namespace foraker::http {

absl::StatusOr<std::string> DefaultCollection::For(const std::string& given,
                                                   server::Call& call) const {
  if (!given.empty()) return given;
  if (!setting_.empty()) return setting_;
  v1::ListCollectionsRequest request;
  v1::ListCollectionsResponse listed;
  request.set_page_size(2);
  RETURN_IF_ERROR(index_->ListCollections(request, call, listed));
  if (listed.collections_size() == 0) return absl::NotFoundError("there is no collection yet");
  if (listed.collections_size() == 1) return listed.collections(0).name();
  return absl::FailedPreconditionError(
      "there are several collections: name one as \"collection\", or set server.default_collection "
      "of the server");
}

}  // namespace foraker::http
