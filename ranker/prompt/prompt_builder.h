// Query and documents to a prompt, byte for byte as the authors' released code writes it: the
// words, the chat template around them, where it is cut into blocks, and that each block is
// tokenised by itself (ranker/prompt/prompt_text.h has the text).
//
// Immutable and safe for concurrent use. What users wrote is plain text to the tokenizer: it cannot
// make a control token. Errors at Make: kInvalidArgument, when the template and the signal tokens
// do not tokenise as the config says (naming what was expected and what came out), or a signal
// token that the variant needs is not there.

#ifndef FORAKER_RANKER_PROMPT_PROMPT_BUILDER_H_
#define FORAKER_RANKER_PROMPT_PROMPT_BUILDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "ranker/prompt/prompt.h"
#include "ranker/prompt/rank_config.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

// One block of a prompt: a document, or a window of a long one.
struct PromptPart {
  uint32_t document = 0;  // index in the request
  uint32_t tokens = 0;    // of the block
  uint32_t dropped = 0;   // tokens of the document that no block holds (at its last part)
};

struct BuiltPrompt {
  Prompt prompt;
  std::vector<PromptPart> parts;  // of the document blocks, in order
};

struct PromptOptions {
  std::optional<Variant> variant = std::nullopt;  // unset: the config's
  uint32_t max_document_tokens = 0;               // 0: the config's
  bool windows = false;
  // Numbers that documents are called by in the prompt, one each; empty: their places. Tests use it
  // to move a document without renaming it. Not with windows.
  std::span<const uint32_t> numbers = {};
  // Documents behind that many blocks are left out, so that a caller who has a limit finds it
  // exceeded (parts.size() > max_blocks) before much work is done; 0: no limit.
  uint32_t max_blocks = 0;
};

class PromptBuilder {
 public:
  static absl::StatusOr<std::unique_ptr<PromptBuilder>> Make(
      const RankConfig& config, std::shared_ptr<const model::DecoderTokenizer> tokenizer);

  // Query and instruction are never cut. A document that is too long keeps the begin of its block,
  // or, with windows, is read as several blocks, each with a number of its own: text is then cut
  // between words, or between characters where a word is too long.
  BuiltPrompt Build(std::string_view query, std::span<const retrieval::RankDocument> documents,
                    const PromptOptions& options) const;

 private:
  PromptBuilder(const RankConfig& config, std::shared_ptr<const model::DecoderTokenizer> tokenizer)
      : config_(config), tokenizer_(std::move(tokenizer)) {}

  absl::Status CheckControlTokens() const;
  absl::Status CheckEnd();
  std::vector<uint32_t> QuestionIds(std::string_view query) const;
  void AppendDocuments(std::span<const retrieval::RankDocument> documents,
                       const PromptOptions& options, BuiltPrompt& built) const;

  RankConfig config_;
  std::shared_ptr<const model::DecoderTokenizer> tokenizer_;
  uint32_t colon_distance_ = 0;  // of the last ":" from the prompt's end, in tokens
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_PROMPT_BUILDER_H_
