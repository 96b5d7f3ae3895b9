// Remembers the ids of the pieces seen last: a direct-mapped table, one cache line a piece. Texts
// repeat their words, and merging one costs some ten times as much as finding it here. One thread.
// Pieces that are longer, or have more ids, than an entry holds are not kept.

#ifndef FORAKER_MODEL_TOKENIZER_PIECE_ID_MEMO_H_
#define FORAKER_MODEL_TOKENIZER_PIECE_ID_MEMO_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace foraker::model {

class PieceIdMemo {
 public:
  PieceIdMemo() : entries_(kEntries) {}

  // Appends the ids of `piece`, which is not empty. False when it is not there.
  bool Append(std::string_view piece, uint64_t hash, std::vector<uint32_t>& ids) const {
    const Entry& entry = entries_[hash % kEntries];
    if (entry.bytes != piece.size() ||
        std::memcmp(entry.piece.data(), piece.data(), piece.size()) != 0) {
      return false;
    }
    ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.count);
    return true;
  }

  void Put(std::string_view piece, uint64_t hash, std::span<const uint32_t> ids) {
    if (piece.size() > kPieceBytes || ids.size() > kIds) return;
    Entry& entry = entries_[hash % kEntries];
    entry.bytes = static_cast<uint8_t>(piece.size());
    entry.count = static_cast<uint8_t>(ids.size());
    std::copy(piece.begin(), piece.end(), entry.piece.begin());
    std::copy(ids.begin(), ids.end(), entry.ids.begin());
  }

 private:
  static constexpr size_t kEntries = 1 << 14;
  static constexpr size_t kPieceBytes = 34;
  static constexpr size_t kIds = 7;
  struct Entry {  // one cache line
    std::array<uint32_t, kIds> ids;
    std::array<char, kPieceBytes> piece;
    uint8_t bytes = 0;  // 0: none is here
    uint8_t count = 0;
  };
  static_assert(sizeof(Entry) == 64);

  std::vector<Entry> entries_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_PIECE_ID_MEMO_H_
