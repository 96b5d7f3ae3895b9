// The collection that `foraker index --server` writes to: made with the settings that were asked
// for, or compared with them.

#ifndef FORAKER_SERVICES_CLI_REMOTE_COLLECTION_H_
#define FORAKER_SERVICES_CLI_REMOTE_COLLECTION_H_

#include "absl/status/statusor.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/searcher.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/ingest/line_reader.h"
#include "retrieval/settings_changes.h"

namespace foraker::cli {

// True when it was made. A new collection's reference length is measured on the reader's first
// lines, which it returns again, as a batch build measures it. kInvalidArgument when the collection
// exists with another document side; another query side is changed to what was asked for.
absl::StatusOr<bool> PrepareRemoteCollection(retrieval::Searcher& searcher,
                                             retrieval::Administrator& administrator,
                                             const retrieval::BatchBuildOptions& build,
                                             retrieval::LineReader& reader);

// What makes `to` of `from`, by the settings' names; what is computed (fingerprints) is left out.
retrieval::SettingChanges ChangesBetween(const retrieval::CollectionSettings& from,
                                         const retrieval::CollectionSettings& to);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_REMOTE_COLLECTION_H_
