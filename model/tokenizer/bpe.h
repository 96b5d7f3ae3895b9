// Byte-pair encoding of one piece, as the BPE model of Hugging Face `tokenizers` does it: the piece
// becomes symbols, a character or a byte each, and of all neighbours that may be merged those of
// the lowest rank are, the leftmost first, until none is left. O(n log n) in the symbols.
//
// Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units" (2016);
// what happens to characters without a symbol is `tokenizers`' BPE::merge_word.

#ifndef FORAKER_MODEL_TOKENIZER_BPE_H_
#define FORAKER_MODEL_TOKENIZER_BPE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace foraker::model {

// What may be merged. Immutable once filled, safe for concurrent use.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;
    uint32_t id;  // of what the two become
  };

  void Reserve(size_t merges) { merges_.reserve(merges); }
  // Of a pair that is stated twice the last one counts.
  void Put(uint32_t left, uint32_t right, Merge merge);

  const Merge* Find(uint32_t left, uint32_t right) const {
    const auto at = merges_.find(Key(left, right));
    return at == merges_.end() ? nullptr : &at->second;
  }

 private:
  static uint64_t Key(uint32_t left, uint32_t right) { return uint64_t{left} << 32 | right; }

  absl::flat_hash_map<uint64_t, Merge> merges_;
};

// Immutable once filled, safe for concurrent use.
struct BpeModel {
  static constexpr uint32_t kNone = ~uint32_t{0};

  bool byte_level = false;            // symbols are bytes, not characters
  std::array<uint32_t, 256> bytes{};  // ids: the symbols; or "<0x0A>", for characters without one
  absl::flat_hash_map<char32_t, uint32_t> characters;  // ids of the symbols, where not bytes
  uint32_t unknown = kNone;  // for what is nothing else; without it that vanishes
  bool fuse_unknown = false;
  MergeTable merges;
  // A piece that is here needs no merging (ignore_merges).
  absl::flat_hash_map<std::string, uint32_t> whole;
  // Where some merges or whole pieces make added tokens: is it one, by id; and the merges without
  // them. What must not become an added token is merged by these.
  std::vector<bool> is_added;
  std::optional<MergeTable> merges_without_added;
};

// Merges pieces one after the other, with buffers of its own. One thread; the model must outlive
// it.
class BpeMerger {
 public:
  explicit BpeMerger(const BpeModel& model) : model_(model) {}

  // Appends the ids of `piece`: UTF-8, or any bytes where symbols are bytes. Below 2 GiB.
  void Append(std::string_view piece, std::vector<uint32_t>& ids);
  // The same without added tokens.
  void AppendWithoutAdded(std::string_view piece, std::vector<uint32_t>& ids);

 private:
  struct Symbol {
    uint32_t id;
    int32_t before;  // indices of neighbours, or -1
    int32_t after;
    bool alive;
  };
  struct Candidate {
    uint32_t rank;
    int32_t at;  // the left one's index
    uint32_t id;
  };

  void Merge(std::string_view piece, const MergeTable& merges, std::vector<uint32_t>& ids);
  void ReadBytes(std::string_view piece);
  void ReadCharacters(std::string_view piece);
  bool PushFallback(std::string_view character);
  void PushSymbol(uint32_t id);
  void AddUnknown();
  void FlushUnknown();
  void PushCandidate(int32_t left, int32_t right, const MergeTable& merges);

  const BpeModel& model_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> candidates_;  // a heap
  bool unknown_pending_ = false;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_BPE_H_
