#include "agent/llm/answer_reply.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "agent/llm/cut_text.h"
#include "agent/llm/reply_sections.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

enum Label { kNone, kReasoning, kPassages, kAnswer };

constexpr ReplyLabel kLabels[] = {{kReasoning, "reasoning"}, {kReasoning, "thought"},
                                  {kPassages, "passages"},   {kPassages, "passage"},
                                  {kPassages, "sources"},    {kAnswer, "answer"},
                                  {kAnswer, "final answer"}, {kAnswer, "short answer"}};

bool IsDigit(char byte) { return absl::ascii_isdigit(static_cast<unsigned char>(byte)); }

// The numbers in `text`; in running text only those in brackets name passages.
void TakeNumbers(std::string_view text, bool bracketed, size_t most, std::vector<size_t>& numbers) {
  for (size_t i = 0; i < text.size();) {
    if (!IsDigit(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const bool in_brackets = i > 0 && text[i - 1] == '[' && end < text.size() && text[end] == ']';
    uint32_t number = 0;
    if ((in_brackets || !bracketed) &&
        absl::SimpleAtoi(base::ToAbsl(text.substr(i, end - i)), &number) && number >= 1 &&
        number <= most && std::find(numbers.begin(), numbers.end(), number) == numbers.end()) {
      numbers.push_back(number);
    }
    i = end;
  }
}

// "[3]" behind an answer is no part of it, nor is the full stop of its sentence.
std::string_view Trim(std::string_view answer) {
  answer = StripMarks(answer.substr(0, answer.find('\n')));
  if (const size_t open = answer.rfind('['); open != std::string_view::npos && open > 0 &&
                                             answer.ends_with(']') && IsDigit(answer[open + 1])) {
    answer = StripMarks(answer.substr(0, open));
  }
  if (answer.ends_with('.') && answer.find('.') == answer.size() - 1) answer.remove_suffix(1);
  return StripMarks(answer);
}

bool MeansNotFound(std::string_view answer) {
  const std::string lower = absl::AsciiStrToLower(base::ToAbsl(answer));
  if (lower.starts_with("not found")) return true;
  constexpr std::string_view kOthers[] = {
      "unknown", "not mentioned", "not given", "not specified", "cannot be determined", "no answer",
      "n/a"};
  return std::find(std::begin(kOthers), std::end(kOthers), lower) != std::end(kOthers);
}

}  // namespace

absl::StatusOr<AnswerReply> ParseAnswerReply(std::string_view reply, size_t passages) {
  AnswerReply parsed;
  std::string_view answer;
  bool has_answer = false;
  const std::vector<ReplySection> sections = SplitReply(AfterThinking(reply), kLabels);
  for (const ReplySection& section : sections) {
    if (has_answer) break;  // what follows was made up
    if (section.id == kAnswer) {
      answer = Trim(section.text);
      has_answer = true;
    } else if (section.id == kPassages) {
      TakeNumbers(section.text, /*bracketed=*/false, passages, parsed.passages);
    } else if (parsed.reasoning.empty()) {
      parsed.reasoning = std::string(StripMarks(section.text));
    }
  }
  TakeNumbers(parsed.reasoning, /*bracketed=*/true, passages, parsed.passages);
  const bool one_line = sections.size() == 1 && sections[0].id == kNone &&
                        sections[0].text.find('\n') == std::string_view::npos;
  if (!has_answer && one_line && sections[0].text.size() <= kMaxAnswerBytes / 4) {
    answer = Trim(sections[0].text);
    parsed.reasoning.clear();
  }
  if (answer.empty()) {
    return absl::InvalidArgumentError("Expected a line \"Answer: \" with the answer");
  }
  if (!MeansNotFound(answer)) parsed.answer = std::string(CutText(answer, kMaxAnswerBytes));
  return parsed;
}

}  // namespace foraker::agent
