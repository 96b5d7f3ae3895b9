// How the planner speaks: queries and thoughts as people read them. Pure functions.

#ifndef FORAKER_AGENT_EXTRACTIVE_WORDING_H_
#define FORAKER_AGENT_EXTRACTIVE_WORDING_H_

#include <string>

#include "agent/extractive/hop.h"
#include "agent/extractive/question_terms.h"
#include "agent/trajectory.h"

namespace foraker::agent {

// The names and titles that the hop follows and the question's open words: more of them where a
// step has searched for the same words before. Empty when there are no other words.
std::string QueryText(const Hop& hop, const QuestionTerms& question, const Trajectory& trajectory);

// "Still open: capitol, city. "Nanjing" is mentioned in "Lynn Hung" and not read yet."
std::string SearchThought(const Hop& hop, const QuestionTerms& question,
                          const Trajectory& trajectory);

// Why the run ends; `probability` is a stop policy's.
std::string StopThought(const QuestionTerms& question, double probability);
std::string ExhaustedThought();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_WORDING_H_
