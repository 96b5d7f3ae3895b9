// Adds built shards to a collection in one publish, with the summed term statistics.
//
// A shard is a data directory that `foraker index --shard I/N` wrote (any data directory will do):
// it holds the collection under the same name, or is the only collection there. Its segments are
// hard-linked, or copied where the file system cannot. Together the shards of one input are the
// single build of it: same ids, score bits and statistics.
//
// Attaching the same shards again, after a kill or by mistake, ends in the same documents: their
// copies give way to each other.
//
// Errors: kFailedPrecondition for a shard with writes in its log; kNotFound for a directory or
// collection; kInvalidArgument, naming the setting and both values, when document-side settings
// differ, and naming the field when its types differ. An id in several places counts once: the
// collection's own copy gives way to a shard's, an earlier shard's to a later one's.

#ifndef FORAKER_RETRIEVAL_INGEST_ATTACH_H_
#define FORAKER_RETRIEVAL_INGEST_ATTACH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::retrieval {

struct AttachResult {
  uint64_t generation = 0;
  uint64_t documents = 0;  // of the whole collection now
  uint64_t passages = 0;
  uint64_t replaced = 0;
  uint64_t segments = 0;  // added
  uint64_t bytes = 0;     // of the files added
};

absl::StatusOr<AttachResult> AttachShards(index::Catalog& catalog, std::string_view collection,
                                          const std::vector<std::string>& shard_dirs);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_ATTACH_H_
