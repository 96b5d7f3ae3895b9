// Makes the answer of a trajectory. Implementations: extractive (agent/answer) and llm (agent/llm).
//
// One thread. An answer cites what it rests on; "not found" is an answer too, with its reasons.
// Errors: the session's. The extractive one makes no calls that can run out of time, so a run
// always has an answer; the llm one is replaced by it when the budget is spent.

#ifndef FORAKER_AGENT_ANSWER_ANSWERER_H_
#define FORAKER_AGENT_ANSWER_ANSWERER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/session.h"
#include "agent/trajectory.h"

namespace foraker::agent {

struct Citation {
  std::string document_id;
  std::string title;
  uint32_t passage = 0;        // ordinal in the document
  retrieval::ByteRange range;  // of `quote` in the document's text; empty: the title alone
  std::string quote;
};

struct Answer {
  bool found = false;
  std::string text;                 // short: "Stephen King", "yes", "1969"; empty when not found
  std::string sentence;             // that supports it; with a language model, its reasoning
  std::vector<Citation> citations;  // the first supports the answer itself
  std::string reason;               // when not found: what was looked for and not there
  double confidence = 0;            // in [0, 1]; comparable among answers of one answerer
  std::string answerer;             // "extractive", "llm"
};

class Answerer {
 public:
  virtual ~Answerer() = default;
  virtual absl::StatusOr<Answer> Find(const Trajectory& trajectory, Session& session) = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_ANSWERER_H_
