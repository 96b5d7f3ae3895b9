// The answer of a yes/no question, by comparing what the passages of the things it names say: yes
// when each holds enough of what the question says of them, or, where it asks for "the same"
// something, when they share a word of that kind.
//
// Pure. A crude reader: it knows no negation and no arithmetic.

#ifndef FORAKER_AGENT_ANSWER_YES_NO_H_
#define FORAKER_AGENT_ANSWER_YES_NO_H_

#include <vector>

#include "agent/answer/evidence.h"

namespace foraker::agent {

struct YesNo {
  bool yes = false;
  double confidence = 0;         // in [0, 1]
  std::vector<size_t> passages;  // it rests on, those of the things named; may be empty
};
YesNo DecideYesNo(const Evidence& evidence);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_YES_NO_H_
