// A question whose answer and whose documents are known.

#ifndef FORAKER_AGENT_EVAL_JUDGED_QUESTION_H_
#define FORAKER_AGENT_EVAL_JUDGED_QUESTION_H_

#include <set>
#include <string>
#include <vector>

namespace foraker::agent {

struct JudgedQuestion {
  std::string id, text;
  std::vector<std::string> answers;  // the answer and its aliases; empty: not known
  std::set<std::string> gold;        // documents that the answer needs
  std::set<std::string> gold_titles;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_JUDGED_QUESTION_H_
