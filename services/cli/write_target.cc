#include "services/cli/write_target.h"

#include <utility>

#include "base/status.h"
#include "retrieval/maintenance.h"
#include "services/client/remote_administrator.h"
#include "services/client/remote_searcher.h"
#include "services/client/remote_writer.h"
#include "services/server/live_data.h"

namespace foraker::cli {

absl::StatusOr<WriteAccess> OpenForWriting(const Target& target) {
  WriteAccess access;
  if (target.is_remote()) {
    ASSIGN_OR_RETURN(access.searcher, client::ConnectSearcher(target.server));
    ASSIGN_OR_RETURN(access.writer, client::ConnectWriter(target.server));
    ASSIGN_OR_RETURN(access.administrator, client::ConnectAdministrator(target.server));
    return access;
  }
  ASSIGN_OR_RETURN(server::LiveData data, server::OpenLiveData(target.data, {}));
  access.searcher = std::move(data.searcher);
  access.writer = std::move(data.writer);
  access.administrator = std::move(data.administrator);
  return access;
}

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalogForWriting(const Target& target) {
  auto catalog = retrieval::OpenForMaintenance(target.data);
  if (!catalog.ok()) return server::ExplainWriterLock(catalog.status());
  return catalog;
}

}  // namespace foraker::cli
