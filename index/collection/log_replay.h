// Brings a head up to date from the log of its collection.
//
// Errors: kDataLoss from a corrupt entry, those of Catalog and CollectionHead; then the head holds
// a part of the log.

#ifndef FORAKER_INDEX_COLLECTION_LOG_REPLAY_H_
#define FORAKER_INDEX_COLLECTION_LOG_REPLAY_H_

#include "absl/status/status.h"
#include "index/collection/collection_head.h"
#include "index/store/catalog.h"

namespace foraker::index {

// Applies what the log holds behind the head's sequence number, a memory segment every few MiB.
absl::Status ReplayLog(const Catalog& catalog, CollectionHead& head);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LOG_REPLAY_H_
