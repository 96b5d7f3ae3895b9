#include "ranker/prompt/prompt_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "ranker/prompt/chat_template.h"
#include "ranker/prompt/document_blocks.h"
#include "ranker/prompt/prompt_text.h"
#include "ranker/prompt/white_space.h"

namespace foraker::ranker {
namespace {

using model::DecoderTokenizer;

constexpr uint32_t kColonWithin = 8;  // tokens of the end: behind it is "Final Answer: ["

std::string Quoted(std::span<const std::string> tokens) {
  return absl::StrFormat("[%s]", absl::StrJoin(tokens, ", ", [](std::string* out, const auto& t) {
                           absl::StrAppend(out, "\"", t, "\"");
                         }));
}

std::vector<std::string> TokensOf(const DecoderTokenizer& tokenizer,
                                  std::span<const uint32_t> ids) {
  std::vector<std::string> tokens;
  for (const uint32_t id : ids) tokens.push_back(tokenizer.TokenOf(id));
  return tokens;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PromptBuilder>> PromptBuilder::Make(
    const RankConfig& config, std::shared_ptr<const DecoderTokenizer> tokenizer) {
  std::unique_ptr<PromptBuilder> builder(new PromptBuilder(config, std::move(tokenizer)));
  RETURN_IF_ERROR(builder->CheckControlTokens());
  RETURN_IF_ERROR(builder->CheckEnd());
  return builder;
}

absl::Status PromptBuilder::CheckControlTokens() const {
  const ChatWords& words = ChatWordsOf(config_.chat);
  for (const std::string_view token : words.control_tokens) {
    std::vector<uint32_t> ids;
    tokenizer_->Encode(token, ids);
    if (ids.size() == 1) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "blockrank.json: key \"template\": \"%s\" expects the tokenizer to have a token \"%s\", "
        "but it makes %s of it",
        words.name, token, Quoted(TokensOf(*tokenizer_, ids))));
  }
  return absl::OkStatus();
}

// The end of a prompt is the same whatever the query is.
absl::Status PromptBuilder::CheckEnd() {
  const std::vector<uint32_t> ids = QuestionIds("query");
  const std::vector<std::string> tokens = TokensOf(*tokenizer_, ids);
  const std::vector<std::string>& expected = config_.signal_tokens;
  const auto end = std::span(tokens).last(std::min(tokens.size(), expected.size()));
  if (!std::equal(end.begin(), end.end(), expected.begin(), expected.end())) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "blockrank.json: key \"signal_tokens\": expected the prompt to end in %s, but with the "
        "chat template \"%s\" the tokenizer ends it in %s",
        Quoted(expected), ChatWordsOf(config_.chat).name, Quoted(end)));
  }
  for (uint32_t distance = 2; distance <= std::min<size_t>(kColonWithin, ids.size()); ++distance) {
    if (tokens[tokens.size() - distance].find(':') == std::string::npos) continue;
    colon_distance_ = distance;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "tokenizer: expected a token with \":\" near the prompt's end, which the variant \"paper\" "
      "reads, got %s",
      Quoted(std::span(tokens).last(std::min<size_t>(kColonWithin, tokens.size())))));
}

std::vector<uint32_t> PromptBuilder::QuestionIds(std::string_view query) const {
  std::vector<uint32_t> ids;
  const PieceText question = QuestionText(config_.chat, query);
  tokenizer_->Encode(question.text, question.plain, ids);
  tokenizer_->Encode(kCompletionText, ids);
  return ids;
}

BuiltPrompt PromptBuilder::Build(std::string_view query,
                                 std::span<const retrieval::RankDocument> documents,
                                 const PromptOptions& options) const {
  BuiltPrompt built;
  Prompt& prompt = built.prompt;
  const auto end_block = [&prompt] {
    prompt.block_ends.push_back(static_cast<uint32_t>(prompt.ids.size()));
  };
  const PieceText instruction = InstructionText(config_.chat, query);
  tokenizer_->Encode(instruction.text, instruction.plain, prompt.ids);
  end_block();
  AppendDocuments(documents, options, built);
  const std::vector<uint32_t> question = QuestionIds(query);
  prompt.ids.insert(prompt.ids.end(), question.begin(), question.end());
  end_block();
  prompt.query_offset = config_.query_offset;
  const Variant variant = options.variant.value_or(config_.variant);
  prompt.scoring = ScoringOf(variant);
  const auto end = static_cast<uint32_t>(prompt.ids.size());
  if (variant == Variant::kPaper) prompt.signals.push_back(end - colon_distance_);
  if (variant == Variant::kTwoTokens) prompt.signals.push_back(end - 2);
  prompt.signals.push_back(end - 1);
  return built;
}

void PromptBuilder::AppendDocuments(std::span<const retrieval::RankDocument> documents,
                                    const PromptOptions& options, BuiltPrompt& built) const {
  std::vector<uint32_t>& ids = built.prompt.ids;
  const DocumentBlocks blocks(*tokenizer_, options.max_document_tokens > 0
                                               ? options.max_document_tokens
                                               : config_.max_document_tokens);
  for (uint32_t document = 0; document < documents.size(); ++document) {
    const std::string content = DocumentContent(documents[document]);
    std::string_view rest = content;
    do {
      if (options.max_blocks > 0 && built.parts.size() > options.max_blocks) return;
      const auto place = static_cast<uint32_t>(built.parts.size());
      const uint32_t number = options.numbers.empty() ? place : options.numbers[document];
      const size_t begin = ids.size();
      PromptPart part = {.document = document};
      const bool cut = options.windows && !rest.empty();
      const size_t held = cut ? blocks.AppendWindow(number, rest, ids) : 0;
      if (held == 0) part.dropped = blocks.AppendBegin(number, rest, ids);
      rest = held == 0 ? std::string_view() : SkipWhiteSpace(rest.substr(held));
      part.tokens = static_cast<uint32_t>(ids.size() - begin);
      built.prompt.block_ends.push_back(static_cast<uint32_t>(ids.size()));
      built.parts.push_back(part);
    } while (!rest.empty());
  }
}

}  // namespace foraker::ranker
