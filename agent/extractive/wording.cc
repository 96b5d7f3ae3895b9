#include "agent/extractive/wording.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "agent/searched_words.h"

namespace foraker::agent {
namespace {

constexpr size_t kTitlesShown = 2;
constexpr size_t kWordsShown = 4;

SearchedWords SearchedBy(const Trajectory& trajectory) {
  SearchedWords searched;
  for (const Step& step : trajectory.steps) {
    if (step.tool == Tool::kSearch && step.observation.error.empty()) {
      searched.Add(step.query.text, step.number);
    }
  }
  return searched;
}

std::string NameOf(const TitleBridge& title) {
  return title.name.empty() ? title.title : title.name;
}

// Whether the name stands in what is said already.
bool IsNew(const std::vector<std::string>& said, const std::string& name) {
  return std::none_of(said.begin(), said.end(), [&](const std::string& other) {
    return other.find(name) != std::string::npos;
  });
}

std::string SourceOf(size_t source, const Trajectory& trajectory) {
  const Passage& passage = trajectory.passages[source].passage;
  return passage.title.empty() ? passage.document_id : passage.title;
}

}  // namespace

std::string QueryText(const Hop& hop, const QuestionTerms& question, const Trajectory& trajectory) {
  std::vector<std::string> first, more;
  for (const NameBridge& name : hop.names) {
    if (IsNew(first, name.name)) first.push_back(name.name);
  }
  for (size_t i = 0; i < hop.titles.size(); ++i) {
    std::string name = NameOf(hop.titles[i]);
    if (IsNew(first, name)) (i < kTitlesShown ? first : more).push_back(std::move(name));
  }
  const std::vector<std::string> words = question.WordsByOpenness();
  for (size_t i = 0; i < words.size(); ++i) (i < kWordsShown ? first : more).push_back(words[i]);
  const SearchedWords searched = SearchedBy(trajectory);
  std::string text = absl::StrJoin(first, " ");
  auto next = more.begin();
  while (text.empty() || searched.StepOf(text).has_value()) {
    if (next == more.end()) return "";
    absl::StrAppend(&text, text.empty() ? "" : " ", *next++);
  }
  return text;
}

std::string SearchThought(const Hop& hop, const QuestionTerms& question,
                          const Trajectory& trajectory) {
  std::vector<std::string> words = question.WordsByOpenness();
  if (words.size() > kWordsShown) words.resize(kWordsShown);
  std::string thought;
  if (!words.empty()) thought = absl::StrCat("Still open: ", absl::StrJoin(words, ", "), ".");
  std::vector<std::string> said;
  const auto say = [&](const std::string& name, const std::string& what) {
    if (!IsNew(said, name)) return;
    said.push_back(name);
    absl::StrAppend(&thought, thought.empty() ? "" : " ", "\"", name, "\" ", what);
  };
  for (const NameBridge& name : hop.names) {
    say(name.name,
        absl::StrCat("stands in \"", SourceOf(name.source, trajectory), "\" and may lead on."));
  }
  for (const TitleBridge& title : hop.titles) {
    if (said.size() == hop.names.size() + kTitlesShown) break;
    if (title.name.empty()) {
      say(title.title, "is a title that the question mentions.");
    } else {
      say(title.name, absl::StrCat("is mentioned in \"", SourceOf(title.source, trajectory),
                                   "\" and not read yet."));
    }
  }
  return thought;
}

std::string StopThought(const QuestionTerms& question, double probability) {
  return absl::StrFormat(
      "What was read covers %.0f%% of the question's weight; another search is not worth its "
      "price (probability %.2f).",
      100 * question.Covered(), probability);
}

std::string ExhaustedThought() {
  return "Nothing is left to search for: no unread passage holds what is open.";
}

}  // namespace foraker::agent
