// White space as Python's str.strip() knows it, because the authors' prompts were stripped by it:
// Unicode's separators and line ends, and the four information separators U+001C to U+001F.
//
// Functions of their arguments; what is not UTF-8 is no white space. Texts below 2 GiB.

#ifndef FORAKER_RANKER_PROMPT_WHITE_SPACE_H_
#define FORAKER_RANKER_PROMPT_WHITE_SPACE_H_

#include <string_view>

namespace foraker::ranker {

bool IsWhiteSpace(char32_t character);
std::string_view StripWhiteSpace(std::string_view text);  // at both ends
std::string_view SkipWhiteSpace(std::string_view text);   // at the begin

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_WHITE_SPACE_H_
