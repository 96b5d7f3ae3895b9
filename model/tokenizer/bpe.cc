#include "model/tokenizer/bpe.h"

#include <algorithm>

#include "base/string_view.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {

void MergeTable::Put(uint32_t left, uint32_t right, Merge merge) {
  merges_[Key(left, right)] = merge;
}

void BpeMerger::Append(std::string_view piece, std::vector<uint32_t>& ids) {
  if (!model_.whole.empty()) {
    const auto whole = model_.whole.find(base::ToAbsl(piece));
    if (whole != model_.whole.end()) {
      ids.push_back(whole->second);
      return;
    }
  }
  Merge(piece, model_.merges, ids);
}

void BpeMerger::AppendWithoutAdded(std::string_view piece, std::vector<uint32_t>& ids) {
  const size_t before = ids.size();
  Append(piece, ids);
  if (!model_.merges_without_added.has_value()) return;
  const auto is_added = [&](uint32_t id) { return model_.is_added[id]; };
  if (std::none_of(ids.begin() + static_cast<ptrdiff_t>(before), ids.end(), is_added)) return;
  ids.resize(before);
  Merge(piece, *model_.merges_without_added, ids);
}

void BpeMerger::PushSymbol(uint32_t id) {
  const auto index = static_cast<int32_t>(symbols_.size());
  symbols_.push_back({id, index - 1, index + 1, true});
}

void BpeMerger::AddUnknown() {
  if (model_.unknown == BpeModel::kNone) return;
  if (unknown_pending_ && !model_.fuse_unknown) PushSymbol(model_.unknown);
  unknown_pending_ = true;
}

void BpeMerger::FlushUnknown() {
  if (unknown_pending_) PushSymbol(model_.unknown);
  unknown_pending_ = false;
}

void BpeMerger::ReadBytes(std::string_view piece) {
  for (const char byte : piece) {
    const uint32_t id = model_.bytes[static_cast<uint8_t>(byte)];
    if (id == BpeModel::kNone) {
      AddUnknown();
    } else {
      FlushUnknown();
      PushSymbol(id);
    }
  }
}

// Unknown characters that wait are not told apart from those behind the bytes: as in `tokenizers`,
// they come after them.
bool BpeMerger::PushFallback(std::string_view character) {
  for (const char byte : character) {
    if (model_.bytes[static_cast<uint8_t>(byte)] == BpeModel::kNone) return false;
  }
  for (const char byte : character) PushSymbol(model_.bytes[static_cast<uint8_t>(byte)]);
  return true;
}

void BpeMerger::ReadCharacters(std::string_view piece) {
  for (size_t at = 0; at < piece.size();) {
    const size_t begin = at;
    const char32_t c = NextCharacter(piece, at);
    const auto symbol = model_.characters.find(c);
    if (symbol != model_.characters.end()) {
      FlushUnknown();
      PushSymbol(symbol->second);
    } else if (!PushFallback(piece.substr(begin, at - begin))) {
      AddUnknown();
    }
  }
}

namespace {

// Of a heap whose top is the lowest rank, the leftmost of equals.
constexpr auto kLater = [](const auto& a, const auto& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
};

}  // namespace

void BpeMerger::PushCandidate(int32_t left, int32_t right, const MergeTable& merges) {
  const MergeTable::Merge* merge =
      merges.Find(symbols_[static_cast<size_t>(left)].id, symbols_[static_cast<size_t>(right)].id);
  if (merge == nullptr) return;
  candidates_.push_back({merge->rank, left, merge->id});
  std::push_heap(candidates_.begin(), candidates_.end(), kLater);
}

void BpeMerger::Merge(std::string_view piece, const MergeTable& merges,
                      std::vector<uint32_t>& ids) {
  symbols_.clear();
  candidates_.clear();
  if (model_.byte_level) {
    ReadBytes(piece);
  } else {
    ReadCharacters(piece);
  }
  FlushUnknown();
  if (symbols_.empty()) return;
  symbols_.back().after = -1;
  for (size_t i = 1; i < symbols_.size(); ++i) {
    PushCandidate(static_cast<int32_t>(i) - 1, static_cast<int32_t>(i), merges);
  }
  while (!candidates_.empty()) {
    std::pop_heap(candidates_.begin(), candidates_.end(), kLater);
    const Candidate candidate = candidates_.back();
    candidates_.pop_back();
    Symbol& left = symbols_[static_cast<size_t>(candidate.at)];
    if (!left.alive || left.after < 0) continue;
    Symbol& right = symbols_[static_cast<size_t>(left.after)];
    // One of the two may have been merged with another since.
    const MergeTable::Merge* merge = merges.Find(left.id, right.id);
    if (merge == nullptr || merge->id != candidate.id) continue;
    right.alive = false;
    left.id = candidate.id;
    left.after = right.after;
    if (left.after >= 0) {
      symbols_[static_cast<size_t>(left.after)].before = candidate.at;
      PushCandidate(candidate.at, left.after, merges);
    }
    if (left.before >= 0) PushCandidate(left.before, candidate.at, merges);
  }
  for (int32_t i = 0; i >= 0; i = symbols_[static_cast<size_t>(i)].after) {
    ids.push_back(symbols_[static_cast<size_t>(i)].id);
  }
}

}  // namespace foraker::model
