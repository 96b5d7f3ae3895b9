// The result of a question as JSON, a single line: what `foraker ask --json` prints. Its keys are
// part of the command line's contract; invalid UTF-8 is replaced by U+FFFD. Pure.

#ifndef FORAKER_SERVICES_CLI_ASK_JSON_H_
#define FORAKER_SERVICES_CLI_ASK_JSON_H_

#include <string>

#include "agent/agent.h"

namespace foraker::cli {

// {"question", "answer": {"found", "text", "sentence", "citations": [{"id", "title", "passage",
// "range", "quote"}], "reason", "confidence", "answerer"}, "stopped_by", "steps": [{"number",
// "thought", "query", "terms", "passages": [{"id", "passage", "passage_range", "title", "text",
// "score", "rank_score"}], "known", "exact", "error", "rerank_error", "decision": {"probability",
// "features"}, "finish", "ms"}], "bill": {..., "timing": {"plan_ms", ...}}, "generation"}; what a
// step does not have is absent.
std::string ToJson(const agent::AskResult& result);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ASK_JSON_H_
