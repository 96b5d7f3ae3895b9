// Titles as terms: one normal form for the titles of documents and for mentions of them in texts,
// so that a mention is a term that exists.
//
// Normal form: bracketed parts dropped, NFKC, case folded, accents off, everything that is no
// letter, mark or digit a space, spaces collapsed. "Schindler's List (film)" is "schindler s list".
//
// Functions are safe for concurrent use; bytes that are not UTF-8 count as punctuation.

#ifndef FORAKER_RETRIEVAL_TITLES_H_
#define FORAKER_RETRIEVAL_TITLES_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {

// Empty when nothing is left: such a title has no key.
std::string NormalizeTitle(std::string_view title);

// A title of one lower-case word counts as mentioned where fewer than one passage in about 150
// holds the word.
inline constexpr double kRareWordIdf = 5.0;

struct MentionOptions {
  uint32_t max_words = 8;
  // A title of one word is a mention where the word is this rare, or where it is capitalised inside
  // a sentence; several words that are all stop words, where each is capitalised.
  double min_word_idf = std::numeric_limits<double>::infinity();
};

struct Mention {
  uint32_t begin;  // bytes into the text
  uint32_t end;
  size_t first_word;  // [first_word, end_word) of the words given
  size_t end_word;
  std::string title;  // normalised
};

// Does a document bear this normalised title?
using TitleExists = std::function<absl::StatusOr<bool>(std::string_view title)>;
using WordIdf = std::function<absl::StatusOr<double>(const model::AnalyzedWord& word)>;

// Mentions in order, disjoint: from left to right, the longest run of words first. Runs do not
// cross brackets. `words` are the analyzer's, of `text`. Errors are those of the two functions;
// `idf` is called only when options.min_word_idf is finite.
absl::StatusOr<std::vector<Mention>> FindMentions(std::string_view text,
                                                  std::span<const model::AnalyzedWord> words,
                                                  const TitleExists& exists, const WordIdf& idf,
                                                  const MentionOptions& options);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_TITLES_H_
