#include "retrieval/snippets.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"

namespace foraker::retrieval {
namespace {

// Characters of a passage: their byte offsets in the document's text, and back.
class Characters {
 public:
  Characters(std::string_view text, ByteRange range) : end_(range.end) {
    starts_.reserve(range.end - range.begin);
    for (uint32_t i = range.begin; i < range.end; ++i) {
      const bool continues = (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
      if (!continues) starts_.push_back(i);
    }
  }

  uint32_t count() const { return static_cast<uint32_t>(starts_.size()); }
  uint32_t ByteOf(uint32_t character) const {
    return character < starts_.size() ? starts_[character] : end_;
  }
  // The first character that does not start before `byte`.
  uint32_t At(uint32_t byte) const {
    return static_cast<uint32_t>(std::lower_bound(starts_.begin(), starts_.end(), byte) -
                                 starts_.begin());
  }

 private:
  std::vector<uint32_t> starts_;
  uint32_t end_;
};

// Ranges of characters in the passage.
struct Span {
  uint32_t begin = 0, end = 0;
};
struct Match {
  Span span;
  uint32_t term;
};
struct Window {
  Span span;
  double sum = 0;
  size_t matches = 0;

  bool BetterThan(const Window& other) const {
    return sum != other.sum ? sum > other.sum : matches > other.matches;
  }
};

class SnippetMaker {
 public:
  SnippetMaker(std::string_view text, ByteRange passage, const PassageWords& words,
               std::span<const double> contributions, uint32_t max_chars)
      : text_(text),
        characters_(text, passage),
        contributions_(contributions.begin(), contributions.end()),
        occurrences_(contributions.size()),
        max_chars_(max_chars) {
    words_.reserve(words.words.size());
    for (const ByteRange& word : words.words) words_.push_back(ToSpan(word));
    matches_.reserve(words.queried.size());
    for (const QueriedWord& word : words.queried) {
      matches_.push_back({ToSpan(word.range), word.term});
    }
    free_.push_back({0, characters_.count()});
  }

  std::vector<Snippet> Make(uint32_t count) {
    std::vector<Span> fragments;
    for (uint32_t i = 0; i < count; ++i) {
      std::optional<std::pair<size_t, Window>> best = BestOfFree();
      if (!best.has_value()) break;
      fragments.push_back(Take(best->first, best->second.span));
    }
    if (fragments.empty() && count > 0 && characters_.count() > 0) {
      fragments.push_back(Take(0, {0, 0}));
    }
    std::sort(fragments.begin(), fragments.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
    std::vector<Snippet> snippets;
    for (const Span& fragment : fragments) {
      if (fragment.begin < fragment.end) snippets.push_back(Render(fragment));
    }
    return snippets;
  }

 private:
  Span ToSpan(ByteRange range) const {
    return {characters_.At(range.begin), characters_.At(range.end)};
  }

  // The best window with something new to show, and in which free stretch it lies.
  std::optional<std::pair<size_t, Window>> BestOfFree() {
    std::optional<std::pair<size_t, Window>> best;
    for (size_t i = 0; i < free_.size(); ++i) {
      const Window window = BestIn(free_[i]);
      if (window.sum > 0 && (!best.has_value() || window.BetterThan(best->second))) {
        best.emplace(i, window);
      }
    }
    return best;
  }

  // Two pointers over the matches inside `stretch`.
  Window BestIn(Span stretch) {
    std::fill(occurrences_.begin(), occurrences_.end(), 0);
    Window best;
    double sum = 0;
    const auto from = std::lower_bound(
        matches_.begin(), matches_.end(), stretch.begin,
        [](const Match& match, uint32_t begin) { return match.span.begin < begin; });
    auto left = from;
    for (auto right = from; right != matches_.end() && right->span.end <= stretch.end; ++right) {
      if (occurrences_[right->term]++ == 0) sum += contributions_[right->term];
      while (left != right && right->span.end - left->span.begin > max_chars_) {
        if (--occurrences_[left->term] == 0) sum -= contributions_[left->term];
        ++left;
      }
      const Window window{
          {left->span.begin, right->span.end}, sum, static_cast<size_t>(right - left) + 1};
      if (window.BetterThan(best)) best = window;
    }
    return best;
  }

  // Grows the window inside its free stretch, which it splits; its terms are shown from now on.
  Span Take(size_t stretch_index, Span window) {
    const Span stretch = free_[stretch_index];
    const Span fragment = Grow(stretch, window);
    free_[stretch_index] = {stretch.begin, fragment.begin};
    free_.insert(free_.begin() + static_cast<std::ptrdiff_t>(stretch_index) + 1,
                 {fragment.end, stretch.end});
    for (const Match& match : matches_) {
      if (match.span.begin >= fragment.begin && match.span.end <= fragment.end) {
        contributions_[match.term] = 0;
      }
    }
    return fragment;
  }

  Span Grow(Span stretch, Span window) const {
    const uint32_t used = window.end - window.begin;
    const uint32_t slack = max_chars_ > used ? max_chars_ - used : 0;
    const uint32_t before = window.begin - stretch.begin;
    const uint32_t after = stretch.end - window.end;
    // Half of the slack on each side; what one side cannot use goes to the other.
    const uint32_t ahead = std::min(before, std::max(slack / 2, slack - std::min(slack, after)));
    Span fragment;
    fragment.begin = StartOfWord(stretch, window.begin - ahead, window.begin);
    const uint32_t left_over = slack - (window.begin - fragment.begin);
    fragment.end = EndOfWord(stretch, window.end, window.end + std::min(after, left_over));
    return fragment;
  }

  // Where a fragment may begin in [earliest, latest]: at the first sentence there, else at the
  // first word, with the punctuation that leans on it.
  uint32_t StartOfWord(Span stretch, uint32_t earliest, uint32_t latest) const {
    if (earliest == 0) return 0;
    uint32_t first = latest;
    const auto from =
        std::lower_bound(words_.begin(), words_.end(), earliest,
                         [](const Span& word, uint32_t begin) { return word.begin < begin; });
    for (auto word = from; word != words_.end() && word->begin <= latest; ++word) {
      const uint32_t previous_end = word == words_.begin() ? 0 : std::prev(word)->end;
      uint32_t begin = word->begin;
      while (begin > std::max({previous_end, earliest, stretch.begin}) && !SpaceAt(begin - 1)) {
        --begin;
      }
      if (begin > 0 && !SpaceAt(begin - 1)) begin = word->begin;
      if (EndsSentence(previous_end, begin)) return begin;
      first = std::min(first, begin);
    }
    return first;
  }

  // The last end of a word in [earliest, latest], with the punctuation that leans on it.
  uint32_t EndOfWord(Span stretch, uint32_t earliest, uint32_t latest) const {
    if (latest == stretch.end && stretch.end == characters_.count()) return latest;
    const auto next =
        std::lower_bound(words_.begin(), words_.end(), latest,
                         [](const Span& word, uint32_t end) { return word.end <= end; });
    if (next == words_.begin()) return std::max(earliest, latest);
    const uint32_t word_end = std::max(earliest, std::prev(next)->end);
    const uint32_t bound =
        std::min(stretch.end, next == words_.end() ? characters_.count() : next->begin);
    uint32_t end = word_end;
    while (end < bound && !SpaceAt(end)) ++end;
    return end == characters_.count() || SpaceAt(end) ? end : word_end;
  }

  bool SpaceAt(uint32_t character) const {
    return absl::ascii_isspace(static_cast<unsigned char>(text_[characters_.ByteOf(character)]));
  }

  // Whether between two words a sentence ends.
  bool EndsSentence(uint32_t begin, uint32_t end) const {
    for (uint32_t i = begin; i + 1 < end; ++i) {
      const char c = text_[characters_.ByteOf(i)];
      if ((c == '.' || c == '!' || c == '?') && SpaceAt(i + 1)) return true;
      if (c == '\n' && text_[characters_.ByteOf(i + 1)] == '\n') return true;
    }
    return false;
  }

  // A learned term may come from a full stop: it draws the window, but says nothing as a highlight.
  bool IsWord(Span span) const {
    const auto word =
        std::lower_bound(words_.begin(), words_.end(), span.begin,
                         [](const Span& known, uint32_t begin) { return known.begin < begin; });
    return word != words_.end() && word->begin == span.begin;
  }

  Snippet Render(Span fragment) const {
    const ByteRange source{characters_.ByteOf(fragment.begin), characters_.ByteOf(fragment.end)};
    Snippet snippet{.text = std::string(text_.substr(source.begin, source.end - source.begin)),
                    .source = source,
                    .highlights = {}};
    for (const Match& match : matches_) {
      if (match.span.begin < fragment.begin || match.span.end > fragment.end) continue;
      if (!IsWord(match.span)) continue;
      const ByteRange word{characters_.ByteOf(match.span.begin) - source.begin,
                           characters_.ByteOf(match.span.end) - source.begin};
      if (!snippet.highlights.empty() && word.begin < snippet.highlights.back().end) {
        snippet.highlights.back().end = std::max(snippet.highlights.back().end, word.end);
      } else {
        snippet.highlights.push_back(word);
      }
    }
    return snippet;
  }

  const std::string_view text_;
  const Characters characters_;
  std::vector<Span> words_;            // of the passage, ascending
  std::vector<Match> matches_;         // ascending
  std::vector<double> contributions_;  // [terms]; 0 once shown
  std::vector<uint32_t> occurrences_;  // [terms], in the window under the two pointers
  std::vector<Span> free_;             // stretches that no fragment covers, ascending
  const uint32_t max_chars_;
};

}  // namespace

std::vector<Snippet> MakeSnippets(std::string_view text, ByteRange passage,
                                  const PassageWords& words, std::span<const double> contributions,
                                  const SnippetRequest& request) {
  return SnippetMaker(text, passage, words, contributions, request.max_chars).Make(request.count);
}

}  // namespace foraker::retrieval
