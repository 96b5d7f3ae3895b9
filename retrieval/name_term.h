// How an encoder tells the strings of the terms whose keys are hashes: kept by segments, for people
// to read.

#ifndef FORAKER_RETRIEVAL_NAME_TERM_H_
#define FORAKER_RETRIEVAL_NAME_TERM_H_

#include <functional>
#include <string_view>

#include "index/term_key.h"

namespace foraker::retrieval {

using NameTerm = std::function<void(index::TermKey key, std::string_view utf8)>;

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_NAME_TERM_H_
