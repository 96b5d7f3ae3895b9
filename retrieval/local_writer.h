// The Writer over a data directory that this process writes to.
//
//   WriteRequest ─► limits ─► remembered? ─► field types ─► passages and vectors (EncoderPool,
//   documents of a request packed ragged) ─► index::LiveCollection::Write
//
// A write that goes through an alias while a rebuild moves it over ends in the new collection: what
// the rebuild has not carried over is written there (retrieval/rebuild.h).
//
// Thread-safe: encoders are borrowed from a pool a collection; as many requests encode at once as
// there are processors, and `encoding_bytes` bound their texts. Errors: those of
// retrieval/api/writer.h. A repeated request is answered without encoding; its outcomes do not know
// of dropped tokens.

#ifndef FORAKER_RETRIEVAL_LOCAL_WRITER_H_
#define FORAKER_RETRIEVAL_LOCAL_WRITER_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "index/collection/live_store.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/writer.h"

namespace foraker::retrieval {

struct LocalWriterOptions {
  RequestLimits limits;
  size_t encoding_bytes = size_t{64} << 20;  // of texts being encoded; more is kResourceExhausted
};

std::unique_ptr<Writer> MakeLocalWriter(std::shared_ptr<index::LiveStore> store,
                                        LocalWriterOptions options = {});

// How the live collections of a directory are to be kept: what their settings say, over `defaults`.
index::LiveStore::OptionsOf LiveOptionsOf(index::LiveOptions defaults);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LOCAL_WRITER_H_
