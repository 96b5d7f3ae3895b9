// The answerer without a language model: the best-supported span of what was read, with the
// sentence that supports it.
//
//   AnalyzeQuestion ─► Evidence ─► FindCandidates ─► DescribeCandidates ─► AnswerRanker
//   kind, weights      what was    spans, titles     features              weights
//   (question.h)       read        (candidates.h)    (features.h)          (ranker.h)
//
// Yes/no questions go another way (yes_no.h). The one call it makes is Analyze of the question, for
// the words' idf; without it (the time is over) every word counts alike, so a spent budget still
// gets an answer. "Not found" where nothing was read, or where no passage holds any of the
// question's rare words, and says which words.
//
// One thread. Errors: kCancelled alone. Citations are exact: a citation's range of the document's
// text is its quote.

#ifndef FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_
#define FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_

#include <memory>

#include "agent/answer/answerer.h"

namespace foraker::agent {

std::unique_ptr<Answerer> MakeExtractiveAnswerer();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_
