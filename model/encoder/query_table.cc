#include "model/encoder/query_table.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "model/encoder/idf_table.h"
#include "model/encoder/model_layout.h"
#include "model/json/json_object.h"
#include "model/weights/weights.h"

namespace foraker::model {
namespace {

constexpr std::string_view kIdfFile = "idf.json";

// Models may have more rows than tokens, up to a multiple of this.
constexpr uint64_t kRowPadding = 128;

// The tokenizer of the queries' module, where it has one of its own, must be the documents'.
absl::Status CheckTokenizer(const std::string& directory, const WordPiece& tokenizer) {
  if (!base::FileExists(directory + "/tokenizer.json") &&
      !base::FileExists(directory + "/vocab.txt")) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto own, WordPiece::Open(directory));
  if (own->Fingerprint() == tokenizer.Fingerprint()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: expected the tokenizer of the document encoder, got another", directory));
}

// The weights of a SparseStaticEmbedding, [vocabulary].
absl::StatusOr<std::vector<float>> ReadStaticEmbedding(const std::string& directory,
                                                       const WordPiece& tokenizer) {
  RETURN_IF_ERROR(CheckTokenizer(directory, tokenizer));
  ASSIGN_OR_RETURN(const std::unique_ptr<Weights> file, Weights::Open(directory));
  const uint64_t tokens = tokenizer.vocabulary_size();
  const TensorView* tensor = file->Find("weight");
  const uint64_t rows = tensor != nullptr ? tensor->elements() : tokens;
  const uint64_t padded = (tokens + kRowPadding - 1) / kRowPadding * kRowPadding;
  ASSIGN_OR_RETURN(std::vector<float> weights,
                   file->Take("weight", {{rows >= tokens && rows <= padded ? rows : tokens}}));
  RETURN_IF_ERROR(file->CheckAllTaken());
  weights.resize(tokens);
  for (uint32_t id = 0; id < tokens; ++id) {
    weights[id] = IsQueryToken(id, tokenizer) ? std::max(weights[id], 0.0f) : 0.0f;
  }
  return weights;
}

// Empty when the model has no table.
absl::StatusOr<std::vector<float>> ReadWeights(const std::string& directory,
                                               const ModelLayout& layout,
                                               const std::string& idf_file,
                                               const WordPiece& tokenizer) {
  if (idf_file.empty() && !layout.static_embedding.empty()) {
    return ReadStaticEmbedding(layout.static_embedding, tokenizer);
  }
  const std::string path =
      idf_file.empty() ? absl::StrFormat("%s/%s", directory, kIdfFile) : idf_file;
  if (idf_file.empty() && !base::FileExists(path)) return std::vector<float>();
  ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Read(path));
  return ParseIdfTable(json, tokenizer);
}

class LoadedTable : public QueryTable {
 public:
  LoadedTable(std::string directory, std::shared_ptr<const WordPiece> tokenizer,
              std::vector<float> weights)
      : directory_(std::move(directory)),
        tokenizer_(std::move(tokenizer)),
        weights_(std::move(weights)) {}

  const WordPiece& tokenizer() const override { return *tokenizer_; }
  std::span<const float> weights() const override { return weights_; }

  absl::Status Save(const std::string& directory) const override {
    for (const std::string& name : tokenizer_->files()) {
      ASSIGN_OR_RETURN(const std::string file, base::ReadFile(directory_ + "/" + name));
      RETURN_IF_ERROR(base::WriteFile(directory + "/" + name, file));
    }
    if (!weights_.empty()) {
      RETURN_IF_ERROR(base::WriteFile(absl::StrFormat("%s/%s", directory, kIdfFile),
                                      FormatIdfTable(weights_, *tokenizer_)));
    }
    // The tokenizer's files may have changed since they were read.
    ASSIGN_OR_RETURN(const auto saved, QueryTable::Open(directory, ""));
    if (saved->Fingerprint() == Fingerprint()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrFormat(
        "%s: expected the tokenizer that was opened, but its files have changed", directory_));
  }

  std::string Fingerprint() const override {
    const std::string tokenizer = tokenizer_->Fingerprint();
    const uint64_t seed = XXH3_64bits(tokenizer.data(), tokenizer.size());
    return absl::StrFormat(
        "%016x", XXH3_64bits_withSeed(weights_.data(), weights_.size() * sizeof(float), seed));
  }

 private:
  std::string directory_;  // of the tokenizer's files
  std::shared_ptr<const WordPiece> tokenizer_;
  std::vector<float> weights_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const QueryTable>> QueryTable::Open(const std::string& directory,
                                                                   const std::string& idf_file) {
  ASSIGN_OR_RETURN(const ModelLayout layout, FindModelLayout(directory));
  ASSIGN_OR_RETURN(std::shared_ptr<const WordPiece> tokenizer, WordPiece::Open(layout.transformer));
  ASSIGN_OR_RETURN(std::vector<float> weights,
                   ReadWeights(directory, layout, idf_file, *tokenizer));
  return std::make_shared<const LoadedTable>(layout.transformer, std::move(tokenizer),
                                             std::move(weights));
}

}  // namespace foraker::model
