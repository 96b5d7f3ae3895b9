// Case folding of words: Unicode's NFKC_Casefold, which is full case folding together with the
// compatibility forms (ligatures, full-width letters) and without invisible characters such as the
// soft hyphen. The typographic apostrophe becomes the plain one.

#ifndef FORAKER_MODEL_ANALYZER_CASE_FOLD_H_
#define FORAKER_MODEL_ANALYZER_CASE_FOLD_H_

#include <string>
#include <string_view>

namespace foraker::model {

// Replaces `folded` (which may not alias `word`). Bytes that are not UTF-8 become U+FFFD.
void FoldCase(std::string_view word, std::string& folded);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_CASE_FOLD_H_
