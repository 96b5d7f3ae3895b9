#include "services/server/live_data.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "index/store/catalog.h"
#include "retrieval/local_administrator.h"
#include "retrieval/local_writer.h"

namespace foraker::server {

absl::StatusOr<LiveData> OpenLiveData(const std::string& dir, const LiveDataOptions& options) {
  auto opened = index::Catalog::Open(dir, index::OpenMode::kWrite);
  if (!opened.ok()) return ExplainWriterLock(opened.status());
  const std::shared_ptr<index::Catalog> catalog = *std::move(opened);
  LiveData data;
  ASSIGN_OR_RETURN(data.store, index::LiveStore::Open(catalog, retrieval::LiveOptionsOf({})));
  RETURN_IF_ERROR(data.store->Recover());
  retrieval::LocalSearcherOptions searching;
  searching.limits = options.limits;
  ASSIGN_OR_RETURN(data.searcher, retrieval::LocalSearcher::Open(catalog, data.store, searching));
  data.writer = retrieval::MakeLocalWriter(data.store, {.limits = options.limits});
  data.administrator = retrieval::MakeLocalAdministrator(
      data.store, {.import_root = options.import_root, .limits = options.limits});
  return data;
}

absl::Status ExplainWriterLock(const absl::Status& status) {
  if (!absl::IsFailedPrecondition(status)) return status;
  return absl::FailedPreconditionError(
      absl::StrCat(status.message(),
                   "; if it is a server, ask it (--server HOST:PORT), or follow it (foraker serve "
                   "--read-only)"));
}

}  // namespace foraker::server
