// Words so common in a language that they are not indexed. English has the list of Lucene's
// EnglishAnalyzer, the one our figures were measured with; the other lists are short and hold
// function words only. A language without a list has no stop words.

#ifndef FORAKER_MODEL_ANALYZER_STOP_WORDS_H_
#define FORAKER_MODEL_ANALYZER_STOP_WORDS_H_

#include <string_view>

namespace foraker::model {

// Separated by single spaces, not folded; empty for a language without a list.
std::string_view StopWords(std::string_view language);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_STOP_WORDS_H_
