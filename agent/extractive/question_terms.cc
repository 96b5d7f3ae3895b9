#include "agent/extractive/question_terms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"

namespace foraker::agent {

using retrieval::AnalyzedTerm;
using Kind = retrieval::NamedTerm::Kind;

namespace {

// Words that ask: no passage answers them.
bool Asks(const std::string& word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"how", "what", "when", "where", "which", "who", "whom", "whose", "why"});
  const std::string lower = absl::AsciiStrToLower(word);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

}  // namespace

Kind KindOf(const AnalyzedTerm& term) {
  if (term.kind == "stem") return Kind::kStem;
  return term.kind == "title" ? Kind::kTitle : Kind::kToken;
}

QuestionTerms::QuestionTerms(std::string_view question, std::span<const AnalyzedTerm> analyzed) {
  for (const AnalyzedTerm& term : analyzed) {
    const Kind kind = KindOf(term);
    std::string word(question.substr(term.range.begin, term.range.end - term.range.begin));
    if (kind == Kind::kTitle || term.weight <= 0 || Asks(word)) continue;
    const auto [at, added] = places_.try_emplace(Key(kind, term.term), terms_.size());
    if (!added) continue;  // a repeated word counts once
    terms_.push_back({.named = {kind, term.term, term.weight}, .word = std::move(word)});
  }
  for (const AnalyzedTerm& title : analyzed) {
    if (KindOf(title) != Kind::kTitle) continue;
    NamedTitle named{.title = title.term};
    for (const AnalyzedTerm& word : analyzed) {
      const bool inside =
          word.range.begin >= title.range.begin && word.range.end <= title.range.end;
      if (KindOf(word) == Kind::kStem && inside) named.idf += word.idf;
    }
    titles_.push_back(std::move(named));
  }
}

bool QuestionTerms::Has(const AnalyzedTerm& term) const {
  return places_.contains(Key(KindOf(term), term.term));
}

void QuestionTerms::Cover(std::span<const AnalyzedTerm> passage, double trust) {
  for (const AnalyzedTerm& term : passage) {
    const auto place = places_.find(Key(KindOf(term), term.term));
    if (place == places_.end()) continue;
    double& covered = terms_[place->second].covered;
    covered = std::max(covered, trust);
  }
}

double QuestionTerms::Covered() const {
  double covered = 0;
  double all = 0;
  for (const Term& term : terms_) {
    covered += term.named.weight * term.covered;
    all += term.named.weight;
  }
  return all > 0 ? covered / all : 1;
}

double QuestionTerms::WeightOf(std::span<const AnalyzedTerm> terms) const {
  absl::flat_hash_set<size_t> counted;
  double weight = 0;
  for (const AnalyzedTerm& term : terms) {
    const auto place = places_.find(Key(KindOf(term), term.term));
    if (place == places_.end() || !counted.insert(place->second).second) continue;
    weight += terms_[place->second].named.weight;
  }
  return weight;
}

std::vector<retrieval::NamedTerm> QuestionTerms::Open(double discount) const {
  std::vector<retrieval::NamedTerm> open;
  for (const Term& term : terms_) {
    const auto weight = static_cast<float>(term.named.weight * (1 - discount * term.covered));
    if (weight > 0) open.push_back({term.named.kind, term.named.text, weight});
  }
  return open;
}

std::vector<std::string> QuestionTerms::WordsByOpenness() const {
  std::vector<const Term*> words;
  for (const Term& term : terms_) {
    if (term.named.kind == Kind::kStem) words.push_back(&term);
  }
  const auto open = [](const Term* term) { return term->named.weight * (1 - term->covered); };
  std::stable_sort(words.begin(), words.end(),
                   [&](const Term* a, const Term* b) { return open(a) > open(b); });
  std::vector<std::string> written;
  for (const Term* term : words) written.push_back(term->word);
  return written;
}

}  // namespace foraker::agent
