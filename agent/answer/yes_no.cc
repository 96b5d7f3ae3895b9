#include "agent/answer/yes_no.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "agent/answer/spans.h"

namespace foraker::agent {
namespace {

// Half of the weight of what is said of a thing stands in its passage: enough for yes.
constexpr double kEnough = 0.5;

// The passages whose whole titles the question holds, one a title.
std::vector<size_t> NamedPassages(const Evidence& evidence) {
  std::vector<size_t> named;
  absl::flat_hash_set<std::string> titles;
  for (size_t i = 0; i < evidence.passages().size(); ++i) {
    const PassageEvidence& passage = evidence.passages()[i];
    if (passage.title_in_question == 1 && titles.insert(passage.normal).second) named.push_back(i);
  }
  return named;
}

absl::flat_hash_set<std::string> Demonyms(const PassageEvidence& passage) {
  absl::flat_hash_set<std::string> found;
  for (const Span& span : FindSpans(passage.read->passage.text, passage.words)) {
    if (span.kind == SpanKind::kDemonym) found.insert(passage.words[span.first].key);
  }
  return found;
}

bool AsksForTheSame(const Question& question) {
  return std::any_of(question.words.begin(), question.words.end(),
                     [](const Word& word) { return word.lower == "same"; });
}

// Share of what the question says of the named things that one's passage holds.
double Said(const Evidence& evidence, const std::vector<size_t>& named, size_t passage) {
  const Question& question = evidence.question();
  double said = 0, held = 0;
  for (size_t i = 0; i < question.words.size(); ++i) {
    const bool of_a_title = std::any_of(named.begin(), named.end(), [&](size_t other) {
      const std::vector<Word>& title = evidence.passages()[other].title_words;
      return std::any_of(title.begin(), title.end(),
                         [&](const Word& word) { return word.key == question.words[i].key; });
    });
    if (of_a_title) continue;
    said += question.weights[i];
    if (evidence.passages()[passage].covered[i]) held += question.weights[i];
  }
  return said > 0 ? held / said : 0;
}

}  // namespace

YesNo DecideYesNo(const Evidence& evidence) {
  YesNo answer;
  answer.passages = NamedPassages(evidence);
  if (answer.passages.empty()) return answer;
  if (answer.passages.size() > 1 && AsksForTheSame(evidence.question())) {
    const auto first = Demonyms(evidence.passages()[answer.passages[0]]);
    const auto second = Demonyms(evidence.passages()[answer.passages[1]]);
    answer.yes = std::any_of(first.begin(), first.end(),
                             [&](const std::string& word) { return second.contains(word); });
    answer.confidence = 0.6;
    return answer;
  }
  double least = 1;
  for (size_t passage : answer.passages)
    least = std::min(least, Said(evidence, answer.passages, passage));
  answer.yes = least >= kEnough;
  answer.confidence = answer.yes ? least : 1 - least;
  return answer;
}

}  // namespace foraker::agent
