// Tokens that nobody can guess: 128 random bits in base64url. Safe for concurrent use.

#ifndef FORAKER_RETRIEVAL_RANDOM_TOKEN_H_
#define FORAKER_RETRIEVAL_RANDOM_TOKEN_H_

#include <cstddef>
#include <string>

namespace foraker::retrieval {

inline constexpr size_t kTokenChars = 22;

std::string NewToken();

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_RANDOM_TOKEN_H_
