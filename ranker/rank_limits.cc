#include "ranker/rank_limits.h"

#include <unicode/utf8.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::ranker {
namespace {

absl::Status CheckBytes(std::string_view field, size_t bytes, size_t most) {
  if (bytes <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %d bytes long, at most %d allowed", field, bytes, most));
}

absl::Status CheckUtf8(std::string_view field, std::string_view text) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    const int32_t begin = i;
    UChar32 c;
    U8_NEXT(text.data(), i, size, c);
    if (c >= 0) continue;
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected UTF-8, but byte %d begins no character", field, begin));
  }
  return absl::OkStatus();
}

absl::Status CheckQuery(std::string_view query, const RankLimits& limits) {
  RETURN_IF_ERROR(CheckBytes("query", query.size(), limits.query_bytes));
  RETURN_IF_ERROR(CheckUtf8("query", query));
  if (!retrieval::IsBlank({.title = {}, .text = std::string(query)})) return absl::OkStatus();
  return absl::InvalidArgumentError("query: must be given, and not be white space alone");
}

absl::Status CheckDocument(const std::string& field, const retrieval::RankDocument& document,
                           const RankLimits& limits) {
  RETURN_IF_ERROR(
      CheckBytes(field, document.title.size() + document.text.size(), limits.document_bytes));
  RETURN_IF_ERROR(CheckUtf8(absl::StrFormat("%s.title", field), document.title));
  RETURN_IF_ERROR(CheckUtf8(absl::StrFormat("%s.text", field), document.text));
  if (!retrieval::IsBlank(document)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: empty, for neither title nor text holds anything to read", field));
}

// A block whose first position is `begin`.
absl::Status CheckPositions(std::string_view field, std::string_view block, uint64_t begin,
                            uint64_t tokens, const DecoderConfig& model) {
  if (begin + tokens <= model.max_positions) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %s takes %d tokens from position %d on, but the model has %d positions",
                      field, block, tokens, begin, model.max_positions));
}

}  // namespace

absl::Status CheckLimits(const retrieval::RankRequest& request, const RankLimits& limits) {
  RETURN_IF_ERROR(CheckQuery(request.query, limits));
  const size_t count = request.documents.size();
  if (count == 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("documents: none given, expected 1 to %d", limits.documents));
  }
  if (count > limits.documents) {
    return absl::InvalidArgumentError(
        absl::StrFormat("documents: %d given, at most %d allowed", count, limits.documents));
  }
  size_t bytes = request.query.size();
  for (size_t i = 0; i < count; ++i) {
    const retrieval::RankDocument& document = request.documents[i];
    RETURN_IF_ERROR(CheckDocument(absl::StrFormat("documents[%d]", i), document, limits));
    bytes += document.title.size() + document.text.size();
  }
  return CheckBytes("documents: together with the query", bytes, limits.request_bytes);
}

absl::Status CheckPrompt(const BuiltPrompt& built, const DecoderConfig& model,
                         const RankLimits& limits) {
  if (built.parts.size() > limits.windows) {
    return absl::InvalidArgumentError(
        absl::StrFormat("windows: the documents make more than %d of them; let a window have more "
                        "tokens (max_document_tokens), or send fewer or shorter documents",
                        limits.windows));
  }
  const Prompt& prompt = built.prompt;
  if (prompt.ids.size() > limits.tokens) {
    return absl::InvalidArgumentError(
        absl::StrFormat("documents: the prompt takes %d tokens, at most %d allowed; send fewer "
                        "documents, or ask for a lower max_document_tokens",
                        prompt.ids.size(), limits.tokens));
  }
  const uint32_t instruction = prompt.block_ends.front();
  RETURN_IF_ERROR(CheckPositions("query", "the instruction that holds it", 0, instruction, model));
  for (const PromptPart& part : built.parts) {
    if (instruction + part.tokens <= model.max_positions) continue;
    return CheckPositions(absl::StrFormat("documents[%d]", part.document), "a block of it",
                          instruction, part.tokens, model);
  }
  const uint32_t question =
      prompt.block_ends.back() - prompt.block_ends[prompt.block_ends.size() - 2];
  return CheckPositions("query", "the question that ends the prompt", prompt.query_offset, question,
                        model);
}

}  // namespace foraker::ranker
