// The query side of an inference-free encoder: a tokenizer and one weight a token of its
// vocabulary (its idf). A query is a look-up: the set of its ids, special tokens left out, each
// with max(0, weight) (facts: "Towards Competitive Search Relevance for Inference-Free Learned
// Sparse Retrievers", section 3).
//
// The table comes from idf.json ({token: weight}, every token of the vocabulary or 1 for those it
// lacks), or from the SparseStaticEmbedding of the sentence-transformers layout; a model may have
// none. Small: it serves queries where the model itself is not.
//
// Immutable, safe for concurrent use. Errors: kNotFound, kInvalidArgument naming file and entry.

#ifndef FORAKER_MODEL_ENCODER_QUERY_TABLE_H_
#define FORAKER_MODEL_ENCODER_QUERY_TABLE_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

class QueryTable {
 public:
  // `idf_file` replaces the directory's own table; empty: the directory's own, if it has one.
  static absl::StatusOr<std::shared_ptr<const QueryTable>> Open(const std::string& directory,
                                                                const std::string& idf_file);
  virtual ~QueryTable() = default;

  virtual const WordPiece& tokenizer() const = 0;
  // [vocabulary], special tokens 0; empty when the model has no table.
  virtual std::span<const float> weights() const = 0;

  // Writes what Open needs into a directory that exists: the tokenizer's files and idf.json.
  virtual absl::Status Save(const std::string& directory) const = 0;

  // Hex of XXH3-64 over the tokenizer's fingerprint and the weights.
  virtual std::string Fingerprint() const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_QUERY_TABLE_H_
