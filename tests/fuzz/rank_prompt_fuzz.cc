// Arbitrary bytes as query and document of a prompt. Input: a byte that chooses the limit of a
// block, the query up to the first newline, the document.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/decoder_tokenizer.h"
#include "ranker/prompt/prompt_builder.h"
#include "ranker/prompt/prompt_text.h"
#include "ranker/prompt/white_space.h"
#include "tests/fuzz/require.h"

namespace foraker::ranker {
namespace {

// A token is a run of up to eight equal bytes, so that tokens are of many lengths and may end
// inside a character. An id is the byte and the length.
class RunTokenizer : public model::DecoderTokenizer {
 public:
  using DecoderTokenizer::Encode;
  void Encode(std::string_view text, model::TextRange, std::vector<uint32_t>& ids) const override {
    for (size_t at = 0; at < text.size();) {
      size_t end = at + 1;
      while (end < text.size() && end < at + 8 && text[end] == text[at]) ++end;
      ids.push_back(static_cast<uint8_t>(text[at]) * 8u + static_cast<uint32_t>(end - at - 1));
      at = end;
    }
  }
  uint32_t vocabulary_size() const override { return 256 * 8; }
  std::string TokenOf(uint32_t id) const override {
    return std::string(id % 8 + 1, static_cast<char>(id / 8));
  }
  std::optional<uint32_t> IdOf(std::string_view) const override { return std::nullopt; }

  std::string TextOf(std::span<const uint32_t> ids) const {
    std::string text;
    for (const uint32_t id : ids) text += TokenOf(id);
    return text;
  }
};

std::vector<std::string> Blocks(const RunTokenizer& tokenizer, const BuiltPrompt& built) {
  std::vector<std::string> blocks;
  uint32_t begin = 0;
  for (const uint32_t end : built.prompt.block_ends) {
    blocks.push_back(tokenizer.TextOf(std::span(built.prompt.ids).subspan(begin, end - begin)));
    begin = end;
  }
  return blocks;
}

// The blocks of a document hold all of it, in order, but for white space where it is cut.
void CheckWindows(const std::vector<std::string>& blocks, std::string_view content) {
  for (size_t i = 1; i + 1 < blocks.size(); ++i) {
    const PieceText frame = DocumentText(static_cast<uint32_t>(i - 1), "");
    const size_t length = blocks[i].size() - frame.text.size();
    const std::string held = blocks[i].substr(frame.plain.begin, length);
    Require(DocumentText(static_cast<uint32_t>(i - 1), held).text == blocks[i]);
    Require(content.substr(0, held.size()) == held);
    content = SkipWhiteSpace(content.substr(held.size()));
  }
  Require(content.empty());
}

void CheckPrompts(uint8_t choice, std::string_view query, std::string_view document) {
  const auto tokenizer = std::make_shared<RunTokenizer>();
  RankConfig config;
  config.chat = ChatTemplate::kPlain;
  config.max_document_tokens = 1 + choice;
  const auto builder = PromptBuilder::Make(config, tokenizer);
  Require(builder.ok());
  const retrieval::RankDocument documents[] = {{"", std::string(document)}};
  const std::string content = DocumentContent(documents[0]);

  const BuiltPrompt cut = (*builder)->Build(query, documents, {});
  Require(cut.parts.size() == 1 && cut.parts[0].tokens <= config.max_document_tokens);
  Require(cut.parts[0].dropped <= content.size());
  Require(Blocks(*tokenizer, cut)[0] == InstructionText(config.chat, query).text);

  const BuiltPrompt windows = (*builder)->Build(query, documents, {.windows = true});
  Require(windows.parts.size() <= content.size() + 1);
  uint32_t dropped = 0;
  for (const PromptPart& part : windows.parts) {
    Require(part.tokens <= config.max_document_tokens);
    dropped += part.dropped;
  }
  // Without room for a character beside the wrapping, the rest is dropped.
  if (config.max_document_tokens > 60) Require(dropped == 0);
  if (cut.parts[0].tokens < config.max_document_tokens) Require(windows.parts.size() == 1);
  if (config.max_document_tokens > 60) CheckWindows(Blocks(*tokenizer, windows), content);
}

}  // namespace
}  // namespace foraker::ranker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t newline = std::min(input.find('\n'), input.size());
  foraker::ranker::CheckPrompts(data[0], input.substr(0, newline),
                                input.substr(std::min(newline + 1, input.size())));
  return 0;
}
