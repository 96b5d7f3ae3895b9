// An analysis as a collection makes it, simple enough to follow by eye: words in lower case are the
// stems, a few function words are left out, and every word weighs 1.

#ifndef FORAKER_TESTS_AGENT_STEM_ANALYSIS_H_
#define FORAKER_TESTS_AGENT_STEM_ANALYSIS_H_

#include <set>
#include <string_view>
#include <vector>

#include "agent/answer/words.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

inline std::vector<retrieval::AnalyzedTerm> StemsOf(std::string_view text) {
  static const std::set<std::string, std::less<>> kStopWords = {
      "a", "an", "and", "by", "for", "her", "in", "is", "of", "she", "the", "was", "where"};
  std::vector<retrieval::AnalyzedTerm> stems;
  for (const Word& word : SplitWords(text)) {
    if (kStopWords.contains(word.lower)) continue;
    stems.push_back({.kind = "stem",
                     .term = word.lower,
                     .idf = 1,
                     .document_frequency = 1,
                     .weight = 1,
                     .range = {word.begin, word.end}});
  }
  return stems;
}

}  // namespace foraker::agent

#endif  // FORAKER_TESTS_AGENT_STEM_ANALYSIS_H_
