// Which candidate answers the question: a log-linear model over features.h whose weights are the
// sum of shared ones and of those of the question's kind, so that a kind with few examples leans on
// the others (Daumé, ACL 2007). Candidates that read alike share their probability, for an answer
// that several passages hold is better supported.
//
// Immutable, thread-safe. As a file: tab-separated, a header "feature shared person …", then a line
// a feature; a feature without a line has no weight. Errors: kInvalidArgument naming the line.

#ifndef FORAKER_AGENT_ANSWER_RANKER_H_
#define FORAKER_AGENT_ANSWER_RANKER_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/answer/features.h"
#include "agent/answer/question.h"

namespace foraker::agent {

struct RankedAnswer {
  size_t candidate = 0;    // the likeliest of those that read alike
  double probability = 0;  // of all of them
};

class AnswerRanker {
 public:
  static absl::StatusOr<AnswerRanker> FromText(std::string_view text);
  // The one that the program was built with (models/answerer).
  static const AnswerRanker& BuiltIn();

  // The best first; as many as there are different answers.
  std::vector<RankedAnswer> Rank(AnswerKind kind, std::span<const Candidate> candidates,
                                 std::span<const Features> features) const;

 private:
  std::array<Features, kAnswerKinds> weights_ = {};  // shared ones included
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_RANKER_H_
