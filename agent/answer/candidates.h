// What may be the answer: every span (spans.h) and every title of what was read. Of a question that
// names the answers to choose from ("…, A or B?"), those alone, where any was read of.
//
// Pure. In the order of the passages.

#ifndef FORAKER_AGENT_ANSWER_CANDIDATES_H_
#define FORAKER_AGENT_ANSWER_CANDIDATES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "agent/answer/evidence.h"
#include "agent/answer/spans.h"

namespace foraker::agent {

// A span of one passage's text, or (kTitle) its title.
struct Candidate {
  size_t passage = 0;  // of Evidence::passages()
  Span span;
  std::string text;    // as an answer
  std::string normal;  // of it, as answers are compared (agent/eval/answer_metrics.h)
};

std::vector<Candidate> FindCandidates(const Evidence& evidence);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_CANDIDATES_H_
