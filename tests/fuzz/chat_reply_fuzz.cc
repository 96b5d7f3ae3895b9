// Arbitrary bytes as what a language model, or its server, says. Input: a byte that chooses who
// reads, a byte that means something to some of them, the text.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/llm/answer_reply.h"
#include "agent/llm/chat_json.h"
#include "agent/llm/chat_stream.h"
#include "agent/llm/citations.h"
#include "agent/llm/examples.h"
#include "agent/llm/react_parser.h"
#include "agent/llm/thought_stream.h"
#include "tests/fuzz/require.h"

namespace foraker::agent {
namespace {

bool IsAscii(std::string_view text) {
  for (const char byte : text) {
    if ((static_cast<unsigned char>(byte) & 0x80) != 0) return false;
  }
  return true;
}

// What was understood is what would be written.
void CheckStep(std::string_view reply, bool may_finish) {
  std::string spoken;
  ThoughtStream thought([&](std::string_view piece) { spoken += piece; });
  for (size_t i = 0; i < reply.size(); ++i) thought.Feed(reply.substr(i, 1));
  Require(spoken.size() <= reply.size());

  const absl::StatusOr<ReactStep> step = ParseReactReply(reply, may_finish);
  if (!step.ok()) {
    Require(absl::IsInvalidArgument(step.status()));
    return;
  }
  Require(may_finish || step->tool == Tool::kSearch);
  Require((step->tool == Tool::kSearch) == !step->query.empty());
  const std::string written = FormatReactStep(step->thought, step->tool, step->query);
  // An escaped mark of thinking may hide in an object, and JSON holds no broken characters.
  if (!IsAscii(written) || written.find("</think>") != std::string::npos) return;
  const absl::StatusOr<ReactStep> again = ParseReactReply(written, may_finish);
  Require(again.ok() && again->tool == step->tool && again->query == step->query);
  Require(again->thought == step->thought && again->strict);
}

// Citations quote what stands in the passages.
void CheckAnswer(std::string_view reply, uint8_t count) {
  const size_t passages = count % 8;
  const absl::StatusOr<AnswerReply> parsed = ParseAnswerReply(reply, passages);
  if (!parsed.ok()) return;
  Require(parsed->answer.size() <= kMaxAnswerBytes);
  std::set<size_t> numbers;
  for (const size_t number : parsed->passages) {
    Require(number >= 1 && number <= passages && numbers.insert(number).second);
  }
  std::vector<ReadPassage> read(passages);
  for (size_t i = 0; i < passages; ++i) {
    read[i].passage.text = reply.substr(reply.size() * i / 8);
    read[i].passage.document_id = std::string(1, static_cast<char>('0' + i));
    read[i].passage.range = {7, static_cast<uint32_t>(7 + read[i].passage.text.size())};
  }
  for (const Citation& citation : CiteAnswer(*parsed, read).citations) {
    const std::string& text = read[static_cast<size_t>(citation.document_id[0] - '0')].passage.text;
    if (citation.range.begin == citation.range.end) continue;  // the title alone
    Require(citation.range.begin >= 7 && citation.range.end <= 7 + text.size());
    Require(text.substr(citation.range.begin - 7, citation.range.end - citation.range.begin) ==
            citation.quote);
  }
}

// However the bytes are cut, the stream says the same.
void CheckStream(std::string_view bytes, uint8_t size) {
  std::string text, pieces;
  ChatStream whole([&](std::string_view piece) { text += piece; });
  const absl::Status status = whole.Feed(bytes);
  ChatStream cut([&](std::string_view piece) { pieces += piece; });
  absl::Status cut_status;
  const size_t step = size + 1;
  for (size_t i = 0; i < bytes.size() && cut_status.ok(); i += step) {
    cut_status = cut.Feed(bytes.substr(i, step));
  }
  Require(status == cut_status && text == pieces && whole.complete() == cut.complete());
  if (!status.ok()) return;
  const absl::StatusOr<ChatReply> reply = whole.Finish();
  Require(reply.ok() ? reply->text == text : absl::IsDataLoss(reply.status()));
}

void CheckWhole(std::string_view body) {
  const absl::StatusOr<ChatReply> reply = ParseChatReply(body);
  Require(reply.ok() || absl::IsDataLoss(reply.status()));
  const std::string message = ServerMessage(body);
  Require(message.size() <= 300 && message.find('\n') == std::string::npos);
}

void CheckExamples(std::string_view text) {
  const absl::StatusOr<std::vector<Example>> examples = ParseExamples(text, "FILE");
  if (examples.ok()) return;
  Require(absl::IsInvalidArgument(examples.status()));
  Require(examples.status().message().find("FILE:") == 0);
}

}  // namespace
}  // namespace foraker::agent

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 5) {
    case 0:
      foraker::agent::CheckStep(text, data[1] % 2 == 0);
      break;
    case 1:
      foraker::agent::CheckAnswer(text, data[1]);
      break;
    case 2:
      foraker::agent::CheckStream(text, data[1]);
      break;
    case 3:
      foraker::agent::CheckWhole(text);
      break;
    default:
      foraker::agent::CheckExamples(text);
  }
  return 0;
}
