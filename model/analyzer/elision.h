// Elided articles and pronouns: "l'avion" is a word of ICU's, "avion" is what a reader looks for.

#ifndef FORAKER_MODEL_ANALYZER_ELISION_H_
#define FORAKER_MODEL_ANALYZER_ELISION_H_

#include <cstddef>
#include <string_view>

namespace foraker::model {

// Bytes of an elided word and its apostrophe at the start of a folded word; 0 when there is none,
// and for languages that do not elide (all but French, Italian and Catalan).
size_t ElisionBytes(std::string_view language, std::string_view folded);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_ELISION_H_
