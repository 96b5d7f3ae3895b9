// What a batch build is going to do, settled before the first line is encoded: checked options, the
// settings of the new generation, the schema, and what makes this build the same as a pending one.
// A value type.

#ifndef FORAKER_RETRIEVAL_INGEST_BUILD_PLAN_H_
#define FORAKER_RETRIEVAL_INGEST_BUILD_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "retrieval/encoder_store.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/ingest/field_schema.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

inline constexpr uint64_t kMinBuildMemory = uint64_t{16} << 20;

struct BuildPlan {
  std::string collection;                       // its own name, aliases resolved
  std::optional<index::CollectionRecord> base;  // the generation there is
  CollectionSettings settings;                  // reference_length 0: it is to be measured
  FieldSchema fields;
  std::map<std::string, std::string> identity;
  uint64_t input_bytes = 0;  // of the files; 0: not known
  bool reads_standard_input = false;
};

// Saves the query table of a new collection's encoder.
absl::StatusOr<BuildPlan> MakeBuildPlan(index::Catalog& catalog, EncoderStore& encoders,
                                        const BatchBuildOptions& options);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BUILD_PLAN_H_
