#include "retrieval/maintenance.h"

#include <utility>

#include "base/status.h"
#include "index/collection/live_store.h"
#include "retrieval/local_writer.h"

namespace foraker::retrieval {

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenForMaintenance(std::string data_dir) {
  ASSIGN_OR_RETURN(std::shared_ptr<index::Catalog> catalog,
                   index::Catalog::Open(std::move(data_dir), index::OpenMode::kWrite));
  ASSIGN_OR_RETURN(const std::unique_ptr<index::LiveStore> store,
                   index::LiveStore::Open(catalog, LiveOptionsOf({})));
  RETURN_IF_ERROR(store->Recover());
  RETURN_IF_ERROR(store->FlushAll());
  return catalog;
}

}  // namespace foraker::retrieval
