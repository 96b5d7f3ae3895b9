// The questions that an agent is fitted on or measured by: those of a query file that have
// judgements, of one half of a seeded split (agent/eval/split.h), with answers and gold titles.

#ifndef FORAKER_SERVICES_CLI_JUDGED_QUESTIONS_H_
#define FORAKER_SERVICES_CLI_JUDGED_QUESTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/eval/judged_question.h"
#include "retrieval/api/searcher.h"

namespace CLI {
class App;
}

namespace foraker::cli {

class SplitFlags {
 public:
  explicit SplitFlags(std::string half) : half_(std::move(half)) {}
  void AddTo(CLI::App& command, const std::string& group);

  const std::string& half() const { return half_; }  // "training", "evaluation", "all"
  uint64_t seed() const { return seed_; }
  bool Takes(const std::string& id) const;

 private:
  std::string half_;
  uint64_t seed_ = 13;
};

// What is asked where, and how it is judged.
struct QuestionSet {
  std::string collection, queries, qrels;  // a name and two files
};

// In the order of the file. Titles are those that `searcher` has for the gold documents; kNotFound
// names one that the collection lacks. kInvalidArgument when no question is left.
absl::StatusOr<std::vector<agent::JudgedQuestion>> ReadJudgedQuestions(
    const QuestionSet& set, const SplitFlags& split, retrieval::Searcher& searcher);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_JUDGED_QUESTIONS_H_
