// What a run has searched for, so that nothing is searched for twice: two queries with the same
// words in any order and number are the same query, as they are for the collection.
//
// Words are runs of ASCII letters, digits and bytes of other letters; the case of ASCII letters
// does not matter. A text without words is compared as it is written. One thread.

#ifndef FORAKER_AGENT_SEARCHED_WORDS_H_
#define FORAKER_AGENT_SEARCHED_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace foraker::agent {

class SearchedWords {
 public:
  void Add(std::string_view query, uint32_t step);
  // The step that searched for the same.
  std::optional<uint32_t> StepOf(std::string_view query) const;

 private:
  absl::flat_hash_map<std::string, uint32_t> steps_;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_SEARCHED_WORDS_H_
