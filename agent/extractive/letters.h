// What a UTF-8 text begins with, as far as names need it: is it an upper-case letter?
//
// ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; letters of other scripts have no case, or
// are taken for lower-case. Pure function; bytes that are not UTF-8 are no letters.

#ifndef FORAKER_AGENT_EXTRACTIVE_LETTERS_H_
#define FORAKER_AGENT_EXTRACTIVE_LETTERS_H_

#include <string_view>

namespace foraker::agent {

bool BeginsUpperCase(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_LETTERS_H_
