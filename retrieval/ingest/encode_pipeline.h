// Lines to encoded documents on several threads, handed out in the order of the input.
//
//   reader (1) ─► batches of lines ─► parse + encode (N) ─► Next(), in order
//
// Bytes under way are bounded, so a slow consumer holds the reader back. The results do not depend
// on N. Next is called by one thread; the destructor stops and joins the others. Errors are those
// of LineReader, and those of encoding that are not the line's fault.

#ifndef FORAKER_RETRIEVAL_INGEST_ENCODE_PIPELINE_H_
#define FORAKER_RETRIEVAL_INGEST_ENCODE_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "index/segment/document.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/ingest/line_reader.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

using TermNames = absl::flat_hash_map<index::TermKey, std::string>;

struct EncodedLine {
  uint32_t file = 0;
  uint64_t number = 0;
  InputPosition end;
  absl::Status error;        // of the line; else `document` holds
  index::Document document;  // version 0; without text and passages when not in the shard
  bool in_shard = true;
  uint64_t dropped_terms = 0;
  uint64_t dropped_tokens = 0;
};

struct EncodedBatch {
  std::vector<EncodedLine> lines;
  TermNames names;  // of every hashed term of the documents
  InputPosition end;
  uint64_t bytes_consumed = 0;
};

struct EncodeOptions {
  InputKind kind = InputKind::kText;
  DocumentSide settings;
  LoadedEncoder encoder;  // shared by the threads
  Shard shard;
  bool drop_small_weights = false;
  uint32_t threads = 1;
  size_t max_bytes_under_way = size_t{4} << 20;  // of lines; one batch is always let through
};

inline constexpr size_t kLineBatchBytes = size_t{128} << 10;
// A model takes seconds for what stems take milliseconds for; threads should end together, and
// whoever cancels should not wait.
inline constexpr size_t kNeuralLineBatchBytes = size_t{16} << 10;
inline size_t LineBatchBytes(const DocumentSide& settings) {
  return IsNeural(settings) ? kNeuralLineBatchBytes : kLineBatchBytes;
}

class EncodePipeline {
 public:
  static absl::StatusOr<std::unique_ptr<EncodePipeline>> Create(EncodeOptions options,
                                                                std::unique_ptr<LineReader> reader);
  ~EncodePipeline();
  EncodePipeline(const EncodePipeline&) = delete;
  EncodePipeline& operator=(const EncodePipeline&) = delete;

  // Nothing after the last batch.
  absl::StatusOr<std::optional<EncodedBatch>> Next();

 private:
  struct Task {
    uint64_t number;
    LineBatch lines;
  };
  struct Result {
    absl::StatusOr<EncodedBatch> batch;
    size_t line_bytes;
  };
  class Worker;

  EncodePipeline(EncodeOptions options, std::unique_ptr<LineReader> reader);

  void ReadAll();
  void Work(Worker& worker);

  const EncodeOptions options_;
  const std::unique_ptr<LineReader> reader_;  // the reading thread's

  base::Mutex mutex_;
  std::deque<Task> todo_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Result> done_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;                // number of the batch to hand out
  std::optional<uint64_t> batches_ ABSL_GUARDED_BY(mutex_);  // how many there are, once known
  absl::Status read_status_ ABSL_GUARDED_BY(mutex_);         // comes after the last batch
  size_t bytes_under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_handed_out_ ABSL_GUARDED_BY(mutex_) = 0;  // of the batch that the caller has
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_ENCODE_PIPELINE_H_
