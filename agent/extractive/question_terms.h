// The question as terms, and how far each is covered by what was read. Words that ask (who, which,
// how, ...) are left out: no passage answers them.
//
// A term counts as covered to the degree that the best passage which holds it is trusted; its
// weight in the next search falls accordingly, so that a hop looks for what is still open. The
// sums are over the weights that the collection gives the terms (idf).
//
// One thread.

#ifndef FORAKER_AGENT_EXTRACTIVE_QUESTION_TERMS_H_
#define FORAKER_AGENT_EXTRACTIVE_QUESTION_TERMS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

// A title of the collection that the question mentions.
struct NamedTitle {
  std::string title;  // normalised
  double idf = 0;     // summed over its words
};

class QuestionTerms {
 public:
  QuestionTerms() = default;
  QuestionTerms(std::string_view question, std::span<const retrieval::AnalyzedTerm> analyzed);

  const std::vector<NamedTitle>& titles() const { return titles_; }
  bool Has(const retrieval::AnalyzedTerm& term) const;

  // Counts what a passage holds; `trust` in [0, 1].
  void Cover(std::span<const retrieval::AnalyzedTerm> passage, double trust);
  double Covered() const;  // share of the weight
  // Summed weight of the distinct terms of the question among these.
  double WeightOf(std::span<const retrieval::AnalyzedTerm> terms) const;

  // For a search: weight x (1 - discount x covered).
  std::vector<retrieval::NamedTerm> Open(double discount) const;
  // Words of the question, as written, by the weight that is still open; those that are (nearly)
  // covered come last.
  std::vector<std::string> WordsByOpenness() const;

 private:
  struct Term {
    retrieval::NamedTerm named;
    std::string word;  // as written
    double covered = 0;
  };
  using Key = std::pair<retrieval::NamedTerm::Kind, std::string>;

  std::vector<Term> terms_;                  // in the order of the question
  absl::flat_hash_map<Key, size_t> places_;  // in terms_
  std::vector<NamedTitle> titles_;
};

// Of AnalyzedTerm::kind.
retrieval::NamedTerm::Kind KindOf(const retrieval::AnalyzedTerm& term);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_QUESTION_TERMS_H_
