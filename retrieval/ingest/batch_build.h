// The batch build: JSON lines in, one new generation of a collection out.
//
//   files ─► lines ─► parse, encode (threads) ─► segments, in input order ─► one publish
//
// Creates the collection or extends it; a document whose id exists replaces the older one. What is
// written depends on the input and the options alone, never on the number of threads. While the
// build runs, searches see the old generation; the new one appears in one atomic publish.
//
// Interrupted (a kill, Ctrl-C, a full disk), it leaves DIR/collections/NAME/build with what was
// finished; the same call continues there and ends in the same files, byte for byte. A call with
// other inputs or settings is refused while such a build is pending, unless `restart` says to throw
// it away.
//
// Input: one JSON object a line, UTF-8, plain or gzip or zstd (told by their first bytes).
//   text     {"_id": "d1", "title": "...", "text": "...", <field>: <value>, ...}
//   vectors  {"_id" or "id": "d1", "vector": {"token": weight, ...}, title, text and fields
//   likewise, "positions": {"token": [begin, end] of a word in the text, or "title", ...}}
// Every other key is a field: string = keyword, integer, real, boolean, an array of one of them =
// repeated; null is absent. `metadata` may hold an object whose members are fields like those at
// the top; any other nested object is an error. A field has one type in the collection: the
// declared one, else that of its first value. Integers are accepted in a real field, RFC 3339
// strings in one declared a timestamp, and nothing else is converted.
//
// Run is called by one thread, which owns the catalog meanwhile. Callbacks come from that thread.
// Errors: kInvalidArgument for options and (strict) for a line: "FILE:LINE: what was expected";
// kNotFound for a file; kDataLoss for a broken gzip or zstd stream; kFailedPrecondition for a
// pending build that differs and for a changed analyzer or model; kCancelled when `cancel` was set.

#ifndef FORAKER_RETRIEVAL_INGEST_BATCH_BUILD_H_
#define FORAKER_RETRIEVAL_INGEST_BATCH_BUILD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/store/catalog.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

enum class InputKind { kText, kVectors };

// Documents with XXH3-64(id) mod `count` == `index`. The others are read (they fix field types and
// the reference length, so that all shards of an input agree) but not indexed.
struct Shard {
  uint32_t index = 0;
  uint32_t count = 1;
};

// A line that was refused.
struct LineError {
  std::string file;  // "-" for standard input
  uint64_t line;     // from 1
  std::string message;

  std::string ToString() const;  // "FILE:LINE: message"
};

enum class BuildStage { kMeasuring, kResuming, kIndexing, kPublishing };

struct BuildProgress {
  BuildStage stage;
  uint64_t documents = 0;    // indexed so far, this run and those it continues
  uint64_t input_bytes = 0;  // read of the input files, as they lie on disk
  uint64_t input_total = 0;  // 0: not known (standard input)
  double seconds = 0;        // of this run
  double passages_per_second = 0;
};

struct BatchBuildOptions {
  std::string collection;
  std::vector<std::string> inputs;  // paths, in order; "-" is standard input
  InputKind kind = InputKind::kText;

  // Changes the settings: of a new collection its encoder's defaults, else those it has (so it may
  // be called twice: the first time tells the encoder). A changed document side of an existing
  // collection is an error that names the setting; a changed query side is published with the new
  // generation. Null: as they are.
  std::function<void(CollectionSettings&)> adjust_settings;
  std::vector<std::pair<std::string, index::FieldType>> fields;  // declared types

  uint32_t threads = 0;  // encoders; 0: one a core
  // For documents under way, at least 16 MiB; code and stemmers take some 50 MiB beside it, and a
  // model what it takes. Decides where segments are cut.
  uint64_t memory_bytes = uint64_t{1} << 30;
  Shard shard;
  bool strict = false;   // stop at the first bad line
  bool restart = false;  // throw a pending build away, index again what is already indexed
  // kVectors: leave terms out whose weight lies below 2^-14 instead of refusing the line.
  bool drop_small_weights = false;
  // Refuse an encoder whose vectors of the first passages are not plausible (plausibility.h).
  bool verify_encoder = true;

  std::function<void(const LineError&)> on_line_error;    // may be null
  std::function<void(const BuildProgress&)> on_progress;  // may be null; about 10 times a second
  const std::atomic<bool>* cancel = nullptr;              // looked at often
};

struct BatchBuildResult {
  uint64_t generation = 0;
  uint64_t documents = 0;          // of the input that are in the new generation
  uint64_t passages = 0;           // of these documents
  uint64_t replaced = 0;           // older copies of an id, in the input or the collection
  uint64_t rejected = 0;           // lines
  uint64_t dropped_terms = 0;      // by drop_small_weights
  uint64_t dropped_tokens = 0;     // of titles and passages, that the encoder had no room for
  double passages_per_second = 0;  // encoded in this run
  uint64_t segments = 0;           // new ones
  uint64_t bytes = 0;              // of the new files
  double seconds = 0;              // of this run
  bool resumed = false;            // continued a pending build
  // Nothing was done: exactly these inputs made the current generation (`restart` overrules).
  bool already_built = false;
};

absl::StatusOr<BatchBuildResult> RunBatchBuild(index::Catalog& catalog,
                                               const BatchBuildOptions& options);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BATCH_BUILD_H_
