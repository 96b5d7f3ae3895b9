// Chooses the next hop's query among candidates by what they find.
//
// Every candidate looks for what is open of the question and for the titles that were mentioned,
// of which one passage can bear only one:
//
//   term of the question    its weight x (1 - .6 x covered)
//   title                   .5 x best first score x trust x min(1, idf of its words / 8)
//
// and, but for the first candidate, for one name: its terms' weights x .5 x trust. One name a
// candidate, for the right one stands beside a dozen wrong ones, and their words in one query would
// find passages that hold a little of each. All are tried in one call (the ten most trusted
// names), and judged by the score of the best passage that was not read. A hop that reads n
// passages joins the names of the best candidates that lead to n different ones.
//
// Each is a retrieval call of the bill; none of their passages is read. Errors: the session's.

#ifndef FORAKER_AGENT_EXTRACTIVE_HOP_H_
#define FORAKER_AGENT_EXTRACTIVE_HOP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/extractive/bridges.h"
#include "agent/extractive/question_terms.h"
#include "agent/session.h"
#include "agent/trajectory.h"

namespace foraker::agent {

struct Hop {
  std::vector<retrieval::NamedTerm> terms;
  std::vector<NameBridge> names;    // that `terms` hold, the best candidate's first
  std::vector<TitleBridge> titles;  // likewise, the heaviest first
  double gain = 0;                  // score of the best unread passage over the best first score
};

// What a hop starts from; borrowed.
struct HopStart {
  const Trajectory& trajectory;
  const QuestionTerms& question;
  const Bridges& bridges;
  double best_score;  // of the first search
  uint32_t passages;  // to read
};

// None when no candidate finds a passage that was not read.
absl::StatusOr<std::optional<Hop>> ChooseHop(const HopStart& start, Session& session);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_HOP_H_
