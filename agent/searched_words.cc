#include "agent/searched_words.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"

namespace foraker::agent {
namespace {

std::string KeyOf(std::string_view query) {
  std::set<std::string> words;
  std::string word;
  const auto end_word = [&words, &word] {
    if (!word.empty()) words.insert(word);
    word.clear();
  };
  for (const char byte : query) {
    const auto value = static_cast<unsigned char>(byte);
    if (absl::ascii_isalnum(value) || value >= 0x80) {
      word += absl::ascii_tolower(value);
    } else {
      end_word();
    }
  }
  end_word();
  return words.empty() ? std::string(query) : absl::StrJoin(words, " ");
}

}  // namespace

void SearchedWords::Add(std::string_view query, uint32_t step) {
  steps_.try_emplace(KeyOf(query), step);
}

std::optional<uint32_t> SearchedWords::StepOf(std::string_view query) const {
  const auto found = steps_.find(KeyOf(query));
  if (found == steps_.end()) return std::nullopt;
  return found->second;
}

}  // namespace foraker::agent
