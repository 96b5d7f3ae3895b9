#include "retrieval/passage_words.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "absl/strings/ascii.h"
#include "index/term_key.h"

namespace foraker::retrieval {
namespace {

std::optional<uint32_t> FindTerm(const index::QueryVector& query, index::TermKey key) {
  const auto found = std::lower_bound(
      query.begin(), query.end(), key,
      [](const index::QueryTerm& term, index::TermKey wanted) { return term.key < wanted; });
  if (found == query.end() || found->key != key) return std::nullopt;
  return static_cast<uint32_t>(found - query.begin());
}

// Of a character of several bytes, all but the first.
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

void SplitAtSpaces(std::string_view text, ByteRange passage, PassageWords& out) {
  for (uint32_t i = passage.begin; i < passage.end;) {
    if (IsSpace(text[i])) {
      ++i;
      continue;
    }
    const uint32_t begin = i;
    while (i < passage.end && !IsSpace(text[i])) ++i;
    out.words.push_back({begin, i});
  }
}

void Analyze(std::string_view text, ByteRange passage, const index::QueryVector& query,
             model::Analyzer::Session& session, PassageWords& out) {
  const std::string_view body = text.substr(passage.begin, passage.end - passage.begin);
  for (const model::AnalyzedWord& word : session.Analyze(body)) {
    const ByteRange range{passage.begin + word.begin, passage.begin + word.end};
    out.words.push_back(range);
    if (word.stop) continue;
    const auto key = index::HashedTermKey(index::TermNamespace::kStem, word.stem);
    if (const std::optional<uint32_t> term = FindTerm(query, key)) {
      out.queried.push_back({range, *term});
    }
  }
}

void AddPositions(std::string_view text, ByteRange passage, const index::SparseVectorView& vector,
                  const index::QueryVector& query, PassageWords& out) {
  if (vector.positions.empty()) return;
  size_t entry = 0;
  for (uint32_t term = 0; term < query.size(); ++term) {
    while (entry < vector.keys.size() && vector.keys[entry] < query[term].key) ++entry;
    if (entry == vector.keys.size()) return;
    if (vector.keys[entry] != query[term].key) continue;
    const index::Position position = vector.positions[entry];
    if (position == index::kNoPosition || position == index::kTitlePosition) continue;
    const auto word = WordAt(text, passage, out.words, passage.begin + position);
    if (word.has_value()) out.queried.push_back({*word, term});
  }
}

auto OrderOf(const QueriedWord& word) {
  return std::make_tuple(word.range.begin, word.range.end, word.term);
}

}  // namespace

std::optional<ByteRange> WordAt(std::string_view text, ByteRange passage,
                                const std::vector<ByteRange>& words, uint32_t position) {
  if (position < passage.begin || position >= passage.end) return std::nullopt;
  const auto after = std::upper_bound(
      words.begin(), words.end(), position,
      [](uint32_t wanted, const ByteRange& range) { return wanted < range.begin; });
  if (after != words.begin() && position < std::prev(after)->end) return *std::prev(after);
  uint32_t end = position + 1;
  while (end < passage.end && IsContinuation(text[end])) ++end;
  return ByteRange{position, end};
}

PassageWords FindWords(std::string_view text, ByteRange passage,
                       const index::SparseVectorView& vector, const index::QueryVector& query,
                       model::Analyzer::Session* session) {
  PassageWords found;
  if (session != nullptr) {
    Analyze(text, passage, query, *session, found);
  } else {
    SplitAtSpaces(text, passage, found);
  }
  AddPositions(text, passage, vector, query, found);
  std::sort(found.queried.begin(), found.queried.end(),
            [](const QueriedWord& a, const QueriedWord& b) { return OrderOf(a) < OrderOf(b); });
  const auto last = std::unique(
      found.queried.begin(), found.queried.end(),
      [](const QueriedWord& a, const QueriedWord& b) { return OrderOf(a) == OrderOf(b); });
  found.queried.erase(last, found.queried.end());
  return found;
}

}  // namespace foraker::retrieval
