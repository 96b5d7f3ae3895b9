// A question's run as people read it: each step when it is done, then the answer, what it rests on
// and the bill. Texts from documents and models are cleaned (terminal.h).

#ifndef FORAKER_SERVICES_CLI_ASK_TEXT_H_
#define FORAKER_SERVICES_CLI_ASK_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/agent.h"
#include "services/cli/terminal.h"

namespace foraker::cli {

// A step's thought as it comes, in pieces that may end anywhere: whole words, broken into lines.
class ThoughtText {
 public:
  ThoughtText(uint32_t step, const Style& style, size_t width);

  uint32_t step() const { return step_; }
  // What to print when a piece has come, and at the thought's end.
  std::string Add(std::string_view piece);
  std::string End();
  bool empty() const { return !begun_; }  // after End: there was no word

 private:
  void AppendWord(std::string& out);

  const uint32_t step_;
  const Style style_;
  const size_t columns_;  // of the text, beside its indent
  std::string word_;      // that has begun
  size_t column_ = 0;
  bool begun_ = false;
};

// The step from its number on, or from behind its thought when that was shown as it came.
std::string StepText(const agent::Step& step, const agent::Trajectory& trajectory,
                     bool thought_shown, const Style& style, size_t width);

// Answer, citations, what ended the run and what it cost.
std::string ResultText(const agent::AskResult& result, const Style& style, size_t width);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ASK_TEXT_H_
