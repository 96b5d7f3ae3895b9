// A vocabulary, its table and a model without weights, for tests of what stands around an encoder:
// words between blanks, in lower case, with punctuation and a last "ing" as tokens of their own.

#ifndef FORAKER_TESTS_RETRIEVAL_FAKE_ENCODER_H_
#define FORAKER_TESTS_RETRIEVAL_FAKE_ENCODER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/encoder/query_table.h"
#include "model/encoder/sparse_encoder.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::retrieval {

// Ids are places in the list: [PAD], [UNK], [CLS], [SEP], then the words of `weights` in order.
class FakeTable final : public model::QueryTable {
 public:
  using Weights = std::vector<std::pair<std::string, float>>;
  // Without `has_weights` the model has no table.
  explicit FakeTable(const Weights& weights, bool has_weights = true);

  const model::WordPiece& tokenizer() const override { return *tokenizer_; }
  std::span<const float> weights() const override { return weights_; }
  absl::Status Save(const std::string&) const override { return absl::OkStatus(); }
  std::string Fingerprint() const override { return "fake"; }

 private:
  std::unique_ptr<const model::WordPiece> tokenizer_;
  std::vector<float> weights_;
};

// Gives every token of a text weight 1, and .5 to the next token of the vocabulary, from the same
// word.
class FakeModel final : public model::SparseEncoder {
 public:
  explicit FakeModel(uint32_t max_tokens) : max_tokens_(max_tokens) {}

  std::unique_ptr<Session> NewSession() const override;
  const model::EncoderConfig& config() const override { return config_; }
  uint32_t max_tokens() const override { return max_tokens_; }
  model::Precision precision() const override { return model::Precision::kF32; }
  std::string Fingerprint() const override { return "fake"; }

 private:
  model::EncoderConfig config_;
  uint32_t max_tokens_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_FAKE_ENCODER_H_
