// The text of the stem table that is part of the program: models/stem-prior/porter.tsv, put into a
// source file by the build.

#ifndef FORAKER_RETRIEVAL_STEM_PRIOR_TABLE_H_
#define FORAKER_RETRIEVAL_STEM_PRIOR_TABLE_H_

#include <string_view>

namespace foraker::retrieval {

extern const std::string_view kPorterStemTable;

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_STEM_PRIOR_TABLE_H_
