#include "model/encoder/idf_table.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::model {

bool IsQueryToken(uint32_t id, const WordPiece& tokenizer) {
  return !tokenizer.IsSpecial(id) && tokenizer.IdOf(tokenizer.TextOf(id)) == id;
}

absl::StatusOr<std::vector<float>> ParseIdfTable(const JsonObject& json,
                                                 const WordPiece& tokenizer) {
  std::vector<float> weights(tokenizer.vocabulary_size());
  for (uint32_t id = 0; id < weights.size(); ++id) {
    weights[id] = IsQueryToken(id, tokenizer) ? 1.0f : 0.0f;
  }
  for (const std::string& token : json.Keys()) {
    const std::optional<uint32_t> id = tokenizer.IdOf(token);
    if (!id || *id >= weights.size()) {
      return json.Unexpected(token, "a token of the tokenizer's vocabulary");
    }
    double weight = 0;
    RETURN_IF_ERROR(json.Require(token, weight));
    const auto rounded = static_cast<float>(weight);
    if (!std::isfinite(rounded)) return json.Unexpected(token, "a number in the range of float32");
    if (IsQueryToken(*id, tokenizer)) weights[*id] = std::max(rounded, 0.0f);
  }
  return weights;
}

std::string FormatIdfTable(std::span<const float> weights, const WordPiece& tokenizer) {
  std::string text = "{";
  for (uint32_t id = 0; id < weights.size(); ++id) {
    if (!IsQueryToken(id, tokenizer)) continue;
    const nlohmann::json token{std::string(tokenizer.TextOf(id))};
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), weights[id]).ptr;
    absl::StrAppend(&text, text.size() > 1 ? ",\n" : "\n",
                    token[0].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), ": ",
                    base::ToAbsl({digits, static_cast<size_t>(end - digits)}));
  }
  text += "\n}\n";
  return text;
}

}  // namespace foraker::model
