// What a batch build needs to go on after it was killed:
// DIR/collections/NAME/build/checkpoint.json.
//
// Replaced as a whole (written beside, synced, renamed), so there is always one state of it: before
// the first segment, after each finished one, and around the publish. A value type with two
// functions. Errors: kDataLoss for a file that is no checkpoint, kInternal for I/O.

#ifndef FORAKER_RETRIEVAL_INGEST_BUILD_CHECKPOINT_H_
#define FORAKER_RETRIEVAL_INGEST_BUILD_CHECKPOINT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/ingest/line_reader.h"

namespace foraker::retrieval {

struct BuildCheckpoint {
  enum class Stage { kIndexing, kPublishing, kPublished };

  // What makes a build the same one, by name, as text for people: inputs, settings, memory, ...
  std::map<std::string, std::string> identity;
  uint64_t base_generation = 0;  // of the collection when the build began; 0: there was none
  Stage stage = Stage::kIndexing;

  std::string settings;  // CollectionSettings as JSON, the reference length filled in
  std::map<std::string, index::FieldType> fields;

  InputPosition position;             // what is in `segments` or in `carried`, or was refused
  std::vector<uint64_t> carried;      // ordinals of lines that belong behind the last segment
  std::vector<std::string> segments;  // finished files, in order
  uint64_t accepted = 0;              // documents up to the position
  uint64_t rejected = 0;
  uint64_t superseded = 0;
  uint64_t dropped_terms = 0;
  uint64_t dropped_tokens = 0;

  std::string record_hash;  // from kPublishing on: hash of the record that is to be published
  BatchBuildResult result;  // the totals of that record
};

std::string CheckpointPath(const std::string& build_dir);

// Nothing when there is none.
absl::StatusOr<std::optional<BuildCheckpoint>> ReadCheckpoint(const std::string& build_dir);
absl::Status WriteCheckpoint(const std::string& build_dir, const BuildCheckpoint& checkpoint);

// A sentence about the first difference, or nothing: "inputs: a.jsonl there, b.jsonl here".
std::optional<std::string> IdentityDifference(const std::map<std::string, std::string>& there,
                                              const std::map<std::string, std::string>& here);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BUILD_CHECKPOINT_H_
