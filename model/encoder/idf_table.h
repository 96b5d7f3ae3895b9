// idf.json: an object of one weight a token, {"the": 0.135, ..}; the queries' side of an
// inference-free encoder.
//
// A token that the object lacks weighs 1, as it does in the tables of the published models; special
// tokens and ids that no token reaches weigh 0; a negative weight counts as 0. Weights are written
// as the shortest decimals that read back to the same float. Functions: thread-safe. Errors:
// kInvalidArgument naming file and token.

#ifndef FORAKER_MODEL_ENCODER_IDF_TABLE_H_
#define FORAKER_MODEL_ENCODER_IDF_TABLE_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

// [vocabulary]
absl::StatusOr<std::vector<float>> ParseIdfTable(const JsonObject& json,
                                                 const WordPiece& tokenizer);

std::string FormatIdfTable(std::span<const float> weights, const WordPiece& tokenizer);

// Whether a query can hold the id, and so whether a weight of it means anything: it is a token's,
// and not a special one's.
bool IsQueryToken(uint32_t id, const WordPiece& tokenizer);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_IDF_TABLE_H_
