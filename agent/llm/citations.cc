#include "agent/llm/citations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "agent/answer/sentences.h"
#include "agent/answer/words.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

// Where `words` stand in `text` as whole words.
std::optional<size_t> FindWords(std::string_view text, std::string_view words) {
  if (words.empty()) return std::nullopt;
  const std::vector<Word> parts = SplitWords(text);
  const auto inside_word = [&](size_t place) {
    return std::any_of(parts.begin(), parts.end(), [place](const Word& word) {
      return word.begin < place && place < word.end;
    });
  };
  const auto same = [](unsigned char a, unsigned char b) {
    return absl::ascii_tolower(a) == absl::ascii_tolower(b);
  };
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), words.begin(), words.end(), same);
    if (at == text.end()) return std::nullopt;
    const auto begin = static_cast<size_t>(at - text.begin());
    if (!inside_word(begin) && !inside_word(begin + words.size())) return begin;
  }
}

absl::flat_hash_set<std::string> WordsOf(std::string_view text) {
  absl::flat_hash_set<std::string> words;
  for (Word& word : SplitWords(text)) words.insert(std::move(word.lower));
  return words;
}

// The sentence of `text` that shares most words with `words`, as a range of it.
retrieval::ByteRange BestSentence(std::string_view text,
                                  const absl::flat_hash_set<std::string>& words) {
  retrieval::ByteRange best;
  int64_t most = -1;
  for (const retrieval::ByteRange sentence : SplitSentences(text)) {
    const auto own = WordsOf(text.substr(sentence.begin, sentence.end - sentence.begin));
    const int64_t shared = std::count_if(
        own.begin(), own.end(), [&](const std::string& word) { return words.contains(word); });
    if (shared <= most) continue;
    best = sentence;
    most = shared;
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
