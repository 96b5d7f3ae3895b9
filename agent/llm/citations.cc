#include "agent/llm/citations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

// Bytes of letters beyond ASCII count as parts of words.
bool IsWordByte(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return absl::ascii_isalnum(value) || value >= 0x80;
}

char Lower(char byte) { return absl::ascii_tolower(static_cast<unsigned char>(byte)); }

// Where `words` stand in `text` as whole words.
std::optional<size_t> FindWords(std::string_view text, std::string_view words) {
  const auto same = [](char a, char b) { return Lower(a) == Lower(b); };
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), words.begin(), words.end(), same);
    if (at == text.end() || words.empty()) return std::nullopt;
    const auto begin = static_cast<size_t>(at - text.begin());
    const size_t end = begin + words.size();
    const bool begins = begin == 0 || !IsWordByte(text[begin - 1]) || !IsWordByte(words.front());
    const bool ends = end == text.size() || !IsWordByte(text[end]) || !IsWordByte(words.back());
    if (begins && ends) return begin;
  }
}

absl::flat_hash_set<std::string> WordsOf(std::string_view text) {
  absl::flat_hash_set<std::string> words;
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && IsWordByte(text[i])) {
      word.push_back(Lower(text[i]));
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  return words;
}

// The sentence of `text` that shares most words with `words`, as a range of it.
retrieval::ByteRange BestSentence(std::string_view text,
                                  const absl::flat_hash_set<std::string>& words) {
  retrieval::ByteRange best;
  size_t most = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() &&
           !(std::string_view(".!?\n").find(text[end]) != std::string_view::npos &&
             (end + 1 == text.size() || absl::ascii_isspace(text[end + 1])))) {
      ++end;
    }
    end = std::min(end + 1, text.size());
    size_t shared = 0;
    for (const std::string& word : WordsOf(text.substr(begin, end - begin))) {
      shared += words.contains(word) ? 1 : 0;
    }
    if (best.end == 0 || shared > most) {
      best = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
      most = shared;
    }
    begin = std::min(text.find_first_not_of(" \t\r\n", end), text.size());
  }
  return best;
}

// `range` of the passage's text; empty: the title alone is cited.
Citation Cite(const Passage& passage, retrieval::ByteRange range) {
  Citation citation;
  citation.document_id = passage.document_id;
  citation.title = passage.title;
  citation.passage = passage.ordinal;
  citation.quote = passage.title;
  if (range.begin == range.end) return citation;
  citation.quote = passage.text.substr(range.begin, range.end - range.begin);
  citation.range = {passage.range.begin + range.begin, passage.range.begin + range.end};
  return citation;
}

std::optional<Citation> CiteWords(const Passage& passage, std::string_view words) {
  if (const auto at = FindWords(passage.text, words); at.has_value()) {
    return Cite(passage, {static_cast<uint32_t>(*at), static_cast<uint32_t>(*at + words.size())});
  }
  if (FindWords(passage.title, words).has_value()) return Cite(passage, {});
  return std::nullopt;
}

bool IsVerdict(std::string_view answer) {
  const std::string lower = absl::AsciiStrToLower(base::ToAbsl(answer));
  return lower == "yes" || lower == "no";
}

// Half of the answer's words, in whatever order, stand in the passages that the model named.
bool Supports(const AnswerReply& reply, std::span<const ReadPassage> passages) {
  if (IsVerdict(reply.answer)) return true;
  absl::flat_hash_set<std::string> read;
  for (const size_t number : reply.passages) {
    const Passage& passage = passages[number - 1].passage;
    read.merge(WordsOf(passage.title));
    read.merge(WordsOf(passage.text));
  }
  const absl::flat_hash_set<std::string> words = WordsOf(reply.answer);
  const auto known = std::count_if(words.begin(), words.end(),
                                   [&](const std::string& word) { return read.contains(word); });
  return 2 * static_cast<size_t>(known) >= words.size();
}

}  // namespace

CitedAnswer CiteAnswer(const AnswerReply& reply, std::span<const ReadPassage> passages) {
  CitedAnswer cited;
  std::vector<bool> done(passages.size(), false);
  const auto add = [&](size_t place, std::optional<Citation> citation) {
    if (!citation.has_value() || cited.citations.size() == kMaxCitations) return false;
    cited.citations.push_back(*std::move(citation));
    done[place] = true;
    return true;
  };
  // "no" stands in many passages by chance.
  if (!IsVerdict(reply.answer)) {
    for (const size_t number : reply.passages) {
      const Passage& passage = passages[number - 1].passage;
      if (add(number - 1, CiteWords(passage, reply.answer))) cited.in_named = true;
    }
    for (size_t i = 0; i < passages.size() && !cited.in_named; ++i) {
      if (add(i, CiteWords(passages[i].passage, reply.answer))) cited.in_any = true;
    }
    cited.in_any = cited.in_any || cited.in_named;
  }
  if (!Supports(reply, passages)) return cited;
  absl::flat_hash_set<std::string> words = WordsOf(reply.reasoning);
  words.merge(WordsOf(reply.answer));
  for (const size_t number : reply.passages) {
    const Passage& passage = passages[number - 1].passage;
    if (!done[number - 1]) add(number - 1, Cite(passage, BestSentence(passage.text, words)));
  }
  return cited;
}

}  // namespace foraker::agent
