#include "retrieval/query_encoder.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

// A view of the table's tokenizer that keeps the table.
std::shared_ptr<const model::WordPiece> TokenizerOf(
    const std::shared_ptr<const model::QueryTable>& table) {
  return {table, &table->tokenizer()};
}

}  // namespace

QueryEncoder::QueryEncoder(std::shared_ptr<const model::QueryTable> table, LoadModel load_model)
    : table_(std::move(table)),
      load_model_(std::move(load_model)),
      tokenizers_(TokenizerOf(table_)) {}

std::vector<model::Token> QueryEncoder::Tokens(std::string_view text) const {
  const TokenizerSessions::Lease session = tokenizers_.Borrow();
  std::vector<model::Token> tokens;
  for (const model::Token& token : session->Tokenize(text)) {
    if (!vocabulary().IsSpecial(token.id)) tokens.push_back(token);
  }
  return tokens;
}

absl::StatusOr<QueryEncoder::EncodedText> QueryEncoder::Encode(std::string_view text) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<ModelSessions> model, Model());
  const TokenizerSessions::Lease tokenizer = tokenizers_.Borrow();
  const std::vector<model::Token>& tokens = tokenizer->Tokenize(text);
  const size_t read = std::min<size_t>(tokens.size(), model->maker().max_tokens() - 2);
  EncodedText encoded;
  encoded.tokens_read = static_cast<uint32_t>(read);
  encoded.tokens_dropped = static_cast<uint32_t>(tokens.size() - read);

  std::vector<uint32_t> ids(read);
  std::transform(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(read), ids.begin(),
                 [](const model::Token& token) { return token.id; });
  const std::span<const uint32_t> texts[] = {ids};
  std::vector<std::vector<model::LearnedTerm>> terms;
  const ModelSessions::Lease session = model->Borrow();
  RETURN_IF_ERROR(session->Encode(texts, terms));
  for (const model::LearnedTerm& term : terms.front()) {
    if (vocabulary().IsSpecial(term.token)) continue;
    encoded.tokens.push_back({tokens[term.source], term.token, term.weight});
  }
  return encoded;
}

absl::StatusOr<std::shared_ptr<QueryEncoder::ModelSessions>> QueryEncoder::Model() const {
  const base::MutexLock lock(&loading_);
  if (model_ == nullptr) {
    absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> loaded = load_model_();
    if (!loaded.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "query encoding \"encoder\" needs the collection's model: ", loaded.status().message()));
    }
    model_ = std::make_shared<ModelSessions>(*std::move(loaded));
  }
  return model_;
}

}  // namespace foraker::retrieval
