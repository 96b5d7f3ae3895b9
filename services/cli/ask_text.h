// A question's run as people read it: each step when it is done, then the answer, what it rests on
// and the bill. Pure functions; texts from documents and models are cleaned (terminal.h).

#ifndef FORAKER_SERVICES_CLI_ASK_TEXT_H_
#define FORAKER_SERVICES_CLI_ASK_TEXT_H_

#include <cstddef>
#include <string>

#include "agent/agent.h"
#include "services/cli/terminal.h"

namespace foraker::cli {

// "step 2  ", what comes before a step's thought.
std::string StepHead(uint32_t number, const Style& style);

// The step from its thought on, or from behind its thought when that was shown as it came.
std::string StepText(const agent::Step& step, const agent::Trajectory& trajectory,
                     bool thought_shown, const Style& style, size_t width);

// Answer, citations, what ended the run and what it cost.
std::string ResultText(const agent::AskResult& result, const Style& style, size_t width);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ASK_TEXT_H_
