// Where the parts of a model directory lie.
//
//   sentence-transformers   modules.json names the modules and their folders: either
//                           [MLMTransformer, SpladePooling], or a Router whose router_config.json
//                           gives the modules of documents and of queries
//   plain                   no modules.json: everything at the top
//
// Folders that modules.json or the router name are below the directory. A module that would change
// results and is not known is refused. Errors: kNotFound; kInvalidArgument naming file, key and
// what was expected.

#ifndef FORAKER_MODEL_ENCODER_MODEL_LAYOUT_H_
#define FORAKER_MODEL_ENCODER_MODEL_LAYOUT_H_

#include <string>

#include "absl/status/statusor.h"

namespace foraker::model {

struct ModelLayout {
  std::string transformer;       // directory of config.json, weights and tokenizer
  std::string pooling;           // directory of the SpladePooling; empty in the plain layout
  std::string static_embedding;  // directory of the queries' SparseStaticEmbedding; empty: none
};

absl::StatusOr<ModelLayout> FindModelLayout(const std::string& directory);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_MODEL_LAYOUT_H_
