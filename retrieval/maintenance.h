// Opening a data directory to work on it offline (batch builds, attaching, snapshots): the process
// becomes its writer, and what earlier writers left in the logs is published first, because a
// generation holds everything that was written before it.
//
// Errors: those of Catalog::Open (kFailedPrecondition names the process that writes already) and of
// index::LiveStore.

#ifndef FORAKER_RETRIEVAL_MAINTENANCE_H_
#define FORAKER_RETRIEVAL_MAINTENANCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::retrieval {

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenForMaintenance(std::string data_dir);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_MAINTENANCE_H_
