// Collects tokens and their ids, as tokenizer.json or vocab.txt states them, into the vocabulary of
// a WordPieceDefinition or a DecoderDefinition. A token stated twice has its last id, as in a
// dictionary.

#ifndef FORAKER_MODEL_TOKENIZER_VOCABULARY_BUILDER_H_
#define FORAKER_MODEL_TOKENIZER_VOCABULARY_BUILDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/string_view.h"

namespace foraker::model {

class VocabularyBuilder {
 public:
  // Four times the largest WordPiece vocabulary there is, and no file can ask for much memory.
  static constexpr uint64_t kMaxIds = uint64_t{1} << 21;

  // kInvalidArgument when the id is out of range or another token's.
  absl::Status Put(std::string_view token, uint64_t id) {
    if (id >= kMaxIds) {
      return absl::InvalidArgumentError(
          absl::StrFormat("id %u of token \"%s\" is not below %u", id, token, kMaxIds));
    }
    if (id >= tokens_.size()) tokens_.resize(id + 1);
    if (!tokens_[id].empty() && tokens_[id] != token) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "id %u belongs to two tokens, \"%s\" and \"%s\"", id, tokens_[id], token));
    }
    if (token.empty()) return absl::OkStatus();
    const auto [at, fresh] = ids_.try_emplace(std::string(token), static_cast<uint32_t>(id));
    if (!fresh && at->second != id) {
      tokens_[at->second].clear();
      at->second = static_cast<uint32_t>(id);
    }
    tokens_[id] = token;
    return absl::OkStatus();
  }

  std::optional<uint32_t> IdOf(std::string_view token) const {
    const auto at = ids_.find(base::ToAbsl(token));
    return at == ids_.end() ? std::nullopt : std::optional<uint32_t>(at->second);
  }

  // "" for an id without a token.
  std::string_view TokenOf(uint64_t id) const {
    return id < tokens_.size() ? std::string_view(tokens_[id]) : std::string_view();
  }

  // By id; the builder is empty afterwards.
  std::vector<std::string> TakeTokens() {
    ids_.clear();
    return std::move(tokens_);
  }

 private:
  std::vector<std::string> tokens_;
  absl::flat_hash_map<std::string, uint32_t> ids_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_VOCABULARY_BUILDER_H_
