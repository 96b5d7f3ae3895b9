#include "services/cli/judged_questions.h"

#include <CLI/CLI.hpp>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "agent/eval/split.h"
#include "base/status.h"
#include "retrieval/eval/qrels.h"
#include "services/cli/query_file.h"

namespace foraker::cli {
namespace {

constexpr const char* kTraining = "training";
constexpr const char* kEvaluation = "evaluation";
constexpr const char* kAll = "all";

absl::StatusOr<std::set<std::string>> GoldTitles(const std::string& collection,
                                                 const std::set<std::string>& gold,
                                                 retrieval::Searcher& searcher) {
  ASSIGN_OR_RETURN(const std::vector<retrieval::DocumentView> documents,
                   searcher.Get(collection, "", {gold.begin(), gold.end()}));
  std::set<std::string> titles;
  for (const retrieval::DocumentView& document : documents) titles.insert(document.title);
  return titles;
}

}  // namespace

void SplitFlags::AddTo(CLI::App& command, const std::string& group) {
  command.add_option("--half", half_, "Which questions: a half of the split, or all")
      ->check(CLI::IsMember({kTraining, kEvaluation, kAll}))
      ->capture_default_str()
      ->group(group);
  command.add_option("--split-seed", seed_, "Seed of the split in halves")
      ->capture_default_str()
      ->group(group);
}

bool SplitFlags::Takes(const std::string& id) const {
  if (half_ == kAll) return true;
  return (agent::SplitHalf(id, seed_) == agent::Half::kTraining) == (half_ == kTraining);
}

absl::StatusOr<std::vector<agent::JudgedQuestion>> ReadJudgedQuestions(
    const QuestionSet& set, const SplitFlags& split, retrieval::Searcher& searcher) {
  ASSIGN_OR_RETURN(std::vector<NamedQuery> queries, ReadQueries(set.queries));
  ASSIGN_OR_RETURN(const retrieval::Qrels qrels, retrieval::ReadQrels(set.qrels));
  std::vector<agent::JudgedQuestion> questions;
  for (NamedQuery& query : queries) {
    const auto grades = qrels.find(query.id);
    auto* const text = std::get_if<retrieval::TextQuery>(&query.query);
    if (grades == qrels.end() || text == nullptr || !split.Takes(query.id)) continue;
    agent::JudgedQuestion question{.id = std::move(query.id),
                                   .text = std::move(text->text),
                                   .answers = std::move(query.answers),
                                   .gold = {},
                                   .gold_titles = {}};
    for (const auto& [document, grade] : grades->second)
      if (grade > 0) question.gold.insert(document);
    if (question.gold.empty()) continue;
    absl::StatusOr<std::set<std::string>> titles =
        GoldTitles(set.collection, question.gold, searcher);
    if (!titles.ok()) return base::Annotate(titles.status(), "query " + question.id);
    question.gold_titles = *std::move(titles);
    questions.push_back(std::move(question));
  }
  if (questions.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: judges no question of %s (half: %s)",
                                                      set.qrels, set.queries, split.half()));
  }
  return questions;
}

}  // namespace foraker::cli
