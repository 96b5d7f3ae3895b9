// Segments of the documents of a collection, encoded in another way: documents come in, with their
// versions, from one snapshot after the other; a later copy of an id takes the place of an earlier
// one.
//
// One thread calls it; it encodes on several. Errors: those of reading and encoding, naming the
// document; kCancelled.

#ifndef FORAKER_RETRIEVAL_REBUILT_SEGMENTS_H_
#define FORAKER_RETRIEVAL_REBUILT_SEGMENTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "index/collection/snapshot.h"
#include "retrieval/documents.h"
#include "retrieval/encoder_pool.h"
#include "retrieval/ingest/encode_pipeline.h"
#include "retrieval/ingest/generation_builder.h"
#include "retrieval/ingest/segment_cutter.h"

namespace foraker::retrieval {

class RebuiltSegments {
 public:
  // Files go into `directory`. `on_documents` is told how many were added, and may stop the work.
  RebuiltSegments(std::string directory, std::shared_ptr<EncoderPool> encoders, uint32_t threads,
                  std::function<absl::Status(uint64_t documents)> on_documents);

  absl::Status Add(const index::Snapshot& snapshot, std::span<const DocumentAddress> documents);
  void Delete(std::span<const std::string> ids);
  // Writes what was added so far, so that little is left for Finish.
  absl::Status Cut() { return cutter_.Finish(); }

  // Adds all that was written, without what was deleted.
  absl::Status Finish(GenerationBuilder& builder);

 private:
  struct Encoded {
    std::vector<index::Document> documents;
    TermNames names;
  };

  absl::StatusOr<Encoded> Encode(const index::Snapshot& snapshot,
                                 std::span<const DocumentAddress> documents) const;
  size_t DocumentsOfAPart() const;

  const std::string directory_;
  const std::shared_ptr<EncoderPool> encoders_;
  const uint32_t threads_;
  const std::function<absl::Status(uint64_t)> on_documents_;
  std::vector<std::string> files_;
  SegmentCutter cutter_;
  absl::flat_hash_set<std::string> deleted_;  // and not added again since
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_REBUILT_SEGMENTS_H_
