#include "index/term_key.h"

#include <xxhash.h>

namespace foraker::index {

TermKey HashedTermKey(TermNamespace ns, std::string_view utf8) {
  return NumberedTermKey(ns, XXH3_64bits(utf8.data(), utf8.size()));
}

}  // namespace foraker::index
