// Remembers what became of the words seen last: a direct-mapped table from a word as it stands in
// the text to its stem. Texts repeat their words, and folding and stemming one costs about ten
// times as much as finding it here. One thread. Longer words than an entry holds are not kept.

#ifndef FORAKER_MODEL_ANALYZER_WORD_MEMO_H_
#define FORAKER_MODEL_ANALYZER_WORD_MEMO_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace foraker::model {

enum class WordFate : uint8_t { kStem, kStop, kDropped };  // dropped: folds to nothing

struct WordOutcome {
  std::string_view stem;
  WordFate fate;
};

class WordMemo {
 public:
  WordMemo() : entries_(kEntries) {}

  // False when the word is not there. The outcome lives until the next Put.
  bool Get(std::string_view word, uint64_t hash, WordOutcome& outcome) const {
    const Entry& entry = entries_[hash % kEntries];
    if (entry.word_bytes != word.size() ||
        std::memcmp(entry.bytes.data(), word.data(), word.size()) != 0) {
      return false;
    }
    outcome = {{entry.bytes.data() + entry.word_bytes, entry.stem_bytes}, entry.fate};
    return true;
  }

  void Put(std::string_view word, uint64_t hash, const WordOutcome& outcome) {
    if (word.empty() || word.size() + outcome.stem.size() > kBytes) return;
    Entry& entry = entries_[hash % kEntries];
    entry.word_bytes = static_cast<uint8_t>(word.size());
    entry.stem_bytes = static_cast<uint8_t>(outcome.stem.size());
    entry.fate = outcome.fate;
    // The stem may be empty, with no memory behind it: nothing for memcpy.
    std::copy(outcome.stem.begin(), outcome.stem.end(),
              std::copy(word.begin(), word.end(), entry.bytes.begin()));
  }

 private:
  static constexpr size_t kEntries = 1 << 14;
  static constexpr size_t kBytes = 61;
  struct Entry {  // one cache line
    uint8_t word_bytes = 0;
    uint8_t stem_bytes = 0;
    WordFate fate = WordFate::kStem;
    std::array<char, kBytes> bytes;  // the word, then its stem
  };
  static_assert(sizeof(Entry) == 64);

  std::vector<Entry> entries_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_WORD_MEMO_H_
