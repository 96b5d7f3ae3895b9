// Encodes the text of a collection again, with another encoder or other settings, into a new
// collection, while the old one is written to.
//
//   pinned snapshot ─► encode (threads) ─► segments ─┐
//        newer snapshot ─► what differs ─► encode ───┼─► catching up, until little is left
//   under the source's Exclusively: the last differences ─► publish ─► alias moves
//
// Documents keep their versions and the new collection its sequence numbers, so conditional writes
// hold across the move; request ids are carried over too. Nothing is visible before the last step,
// and a rebuild that is cancelled or killed leaves nothing; but one that is killed between the
// publish and the alias leaves its collection whole and without an alias, and the same rebuild,
// asked for again, begins anew in its place. In the last step writers of the source wait while the
// last differences are encoded and the statistics are counted.
//
// The settings are the source's with the changes asked for; of another encoder, what belongs to the
// old one starts anew. A reference length that is not asked for is measured on the pinned snapshot
// where passages or stems change, else kept.
//
// Errors: kInvalidArgument when the alias is a collection's own name, kAlreadyExists for the new
// collection, kCancelled, kAborted when the alias was moved meanwhile; those of encoding, naming
// the document.

#ifndef FORAKER_RETRIEVAL_REBUILD_H_
#define FORAKER_RETRIEVAL_REBUILD_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "index/collection/live_store.h"
#include "retrieval/api/administrator.h"
#include "retrieval/encoder_store.h"

namespace foraker::retrieval {

struct RebuildOptions {
  uint32_t threads = 1;  // that encode
  bool verify_encoder = true;
  OnProgress on_progress;
  const std::atomic<bool>* cancel = nullptr;  // looked at often; may be null
};

absl::Status RunRebuild(index::LiveStore& store, EncoderStore& encoders,
                        const RebuildRequest& request, const RebuildOptions& options);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_REBUILD_H_
