#include "model/tokenizer/added_token_builder.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/tokenizer_config.h"

namespace foraker::model {

AddedTokenBuilder::AddedTokenBuilder(std::string path, const VocabularyBuilder& vocabulary)
    : path_(std::move(path)), vocabulary_(vocabulary) {}

absl::Status AddedTokenBuilder::Put(AddedToken token, uint64_t id) {
  const auto refuse = [&](std::string_view expected) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: added token \"%s\" has id %d: expected %s", path_, token.content, id, expected));
  };
  if (id >= VocabularyBuilder::kMaxIds) {
    return refuse(absl::StrFormat("one below %d", VocabularyBuilder::kMaxIds));
  }
  token.id = static_cast<uint32_t>(id);
  const std::optional<uint32_t> known = vocabulary_.IdOf(token.content);
  if (known.has_value() && *known != id) {
    return refuse(absl::StrFormat("%d, as in the vocabulary", *known));
  }
  if (!known.has_value() && !vocabulary_.TokenOf(id).empty()) {
    return refuse(absl::StrFormat("another than that of \"%s\"", vocabulary_.TokenOf(id)));
  }
  const auto [content, fresh] = by_content_.try_emplace(token.content, tokens_.size());
  const auto [owner, fresh_id] = by_id_.try_emplace(token.id, content->second);
  if (owner->second != content->second) {
    return refuse(absl::StrFormat("another than that of \"%s\"", tokens_[owner->second].content));
  }
  if (fresh) {
    tokens_.push_back(std::move(token));
  } else if (fresh_id) {
    return refuse(absl::StrFormat("%d, as before", tokens_[content->second].id));
  } else {
    tokens_[content->second] = std::move(token);
  }
  return absl::OkStatus();
}

absl::Status AddedTokenBuilder::PutConfigured(const JsonObject* config) {
  if (config == nullptr || !config->Has("added_tokens_decoder")) return absl::OkStatus();
  JsonObject by_id = *config;
  RETURN_IF_ERROR(config->Get("added_tokens_decoder", by_id));
  for (const std::string& key : by_id.Keys()) {
    JsonObject object = by_id;
    RETURN_IF_ERROR(by_id.Require(key, object));
    ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(object));
    uint64_t id = 0;
    if (!absl::SimpleAtoi(key, &id)) return by_id.Unexpected(key, "an id as its key");
    RETURN_IF_ERROR(Put(std::move(token), id));
  }
  return absl::OkStatus();
}

std::vector<AddedToken> AddedTokenBuilder::Take() {
  by_content_.clear();
  by_id_.clear();
  return std::move(tokens_);
}

}  // namespace foraker::model
