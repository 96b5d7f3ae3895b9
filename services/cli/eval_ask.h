// foraker eval --stage ask: what an agent finds and answers, and how many searches it takes.
//
// With a plot, the questions are asked again with 1, 2, ... searches and no stop, so that quality
// stands beside its price.

#ifndef FORAKER_SERVICES_CLI_EVAL_ASK_H_
#define FORAKER_SERVICES_CLI_EVAL_ASK_H_

#include <string>

#include "absl/status/status.h"
#include "services/cli/ask_options.h"
#include "services/cli/judged_questions.h"
#include "services/cli/rank_options.h"
#include "services/cli/target.h"

namespace foraker::cli {

// Options of this stage alone.
struct AskEvalFlags {
  AskFlags ask;
  SplitFlags split{"all"};
  std::string plot;  // a file

  void AddTo(CLI::App& command, const std::string& group);
};

absl::Status RunAskEval(const Target& target, const QuestionSet& set, const AskEvalFlags& flags,
                        const RerankFlags& reranking, bool json);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_EVAL_ASK_H_
