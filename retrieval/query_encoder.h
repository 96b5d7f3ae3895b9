// The learned side of a query: which tokens of the encoder's vocabulary a text asks for.
//
//   text ─► WordPiece tokens, special ones left out ─────────────────► weighed by idf (the table)
//        └► tokens, cut at the model's maximum ─► the model ─► tokens and weights (the encoder)
//
// The table is small and always there; the model is loaded by the first text that it has to encode,
// once, and shared from then on. Safe for concurrent use. Errors of Encode: kFailedPrecondition
// names the model's directory when it cannot be loaded.

#ifndef FORAKER_RETRIEVAL_QUERY_ENCODER_H_
#define FORAKER_RETRIEVAL_QUERY_ENCODER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/session_pool.h"
#include "model/encoder/query_table.h"
#include "model/encoder/sparse_encoder.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::retrieval {

class QueryEncoder {
 public:
  using LoadModel = std::function<absl::StatusOr<std::shared_ptr<const model::SparseEncoder>>()>;

  QueryEncoder(std::shared_ptr<const model::QueryTable> table, LoadModel load_model);

  const model::WordPiece& vocabulary() const { return table_->tokenizer(); }

  // In the order of the text, special tokens left out.
  std::vector<model::Token> Tokens(std::string_view text) const;

  struct WeightedToken {
    model::Token source;  // of the text: the token that the weight came from
    uint32_t id;          // of the vocabulary, ascending
    float weight;         // > 0
  };
  struct EncodedText {
    std::vector<WeightedToken> tokens;
    uint32_t tokens_read = 0;
    uint32_t tokens_dropped = 0;  // behind the model's maximum
  };
  absl::StatusOr<EncodedText> Encode(std::string_view text) const;

 private:
  using TokenizerSessions = base::SessionPool<model::WordPiece>;
  using ModelSessions = base::SessionPool<model::SparseEncoder>;

  absl::StatusOr<std::shared_ptr<ModelSessions>> Model() const;

  const std::shared_ptr<const model::QueryTable> table_;
  const LoadModel load_model_;
  mutable TokenizerSessions tokenizers_;
  mutable base::Mutex loading_;  // held while the model is loaded, so that it is loaded once
  mutable std::shared_ptr<ModelSessions> model_ ABSL_GUARDED_BY(loading_);
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_QUERY_ENCODER_H_
