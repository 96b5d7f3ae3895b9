// The words of a text as answers are looked for in it: where they stand, whether they begin with a
// capital, and a key under which inflected forms meet.
//
// Plain functions. Case is known of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; any other
// letter has none. Every byte above ASCII is a letter but for those of general punctuation (dashes,
// quotation marks) and the no-break space. The key is lower case less a plural or verbal ending,
// cruder than a collection's stems, and at hand when nothing can be asked.

#ifndef FORAKER_AGENT_ANSWER_WORDS_H_
#define FORAKER_AGENT_ANSWER_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::agent {

struct Word {
  uint32_t begin = 0, end = 0;  // bytes of the text
  std::string lower;
  std::string key;
  bool capital = false;  // begins with a capital letter
  bool digit = false;    // begins with a digit
  bool stop = false;     // a function word
};

// "U.S.", "7,531" and "O'Brien" are one word, "K-League" two; "'s" belongs to none.
std::vector<Word> SplitWords(std::string_view text);

std::string LowerCase(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_WORDS_H_
