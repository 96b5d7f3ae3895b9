#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "retrieval/snippets.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Words between spaces, those in `terms` being asked for.
PassageWords WordsOf(const std::string& text, ByteRange passage,
                     const std::map<std::string, uint32_t>& terms) {
  PassageWords found;
  for (uint32_t i = passage.begin; i < passage.end;) {
    const auto is_word = [&](uint32_t at) {
      return at < passage.end && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 ||
                                  static_cast<unsigned char>(text[at]) >= 0x80);
    };
    if (!is_word(i)) {
      ++i;
      continue;
    }
    const uint32_t begin = i;
    while (is_word(i)) ++i;
    found.words.push_back({begin, i});
    const auto term = terms.find(text.substr(begin, i - begin));
    if (term != terms.end()) found.queried.push_back({{begin, i}, term->second});
  }
  return found;
}

std::vector<Snippet> Make(const std::string& text, const std::map<std::string, uint32_t>& terms,
                          const std::vector<double>& contributions, SnippetRequest request) {
  const ByteRange passage{0, static_cast<uint32_t>(text.size())};
  return MakeSnippets(text, passage, WordsOf(text, passage, terms), contributions, request);
}

std::vector<std::string> Highlighted(const Snippet& snippet) {
  std::vector<std::string> words;
  for (const ByteRange& range : snippet.highlights) {
    words.push_back(snippet.text.substr(range.begin, range.end - range.begin));
  }
  return words;
}

TEST(SnippetTest, AShortPassageIsShownWhole) {
  const auto snippets = Make("Call me Ishmael.", {{"Ishmael", 0}}, {1.0}, {});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].text, "Call me Ishmael.");
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("Ishmael"));
}

TEST(SnippetTest, APassageWithoutAQueriedWordGivesItsHeadCutAtAWordEnd) {
  const auto snippets =
      Make("Some years ago, never mind how long precisely", {}, {}, {.max_chars = 20, .count = 3});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].text, "Some years ago,");
  EXPECT_THAT(snippets[0].highlights, IsEmpty());
}

TEST(SnippetTest, AnEmptyPassageGivesNothing) { EXPECT_THAT(Make("", {}, {}, {}), IsEmpty()); }

TEST(SnippetTest, TheWindowHoldsTheTermsOfLargestContribution) {
  const std::string text =
      "alpha beta filler filler filler filler filler filler filler filler filler gamma filler";
  const auto snippets = Make(text, {{"alpha", 0}, {"beta", 1}, {"gamma", 2}}, {1.0, 1.0, 3.0},
                             {.max_chars = 22, .count = 1});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("gamma"));
}

TEST(SnippetTest, ATermThatRepeatsCountsOnce) {
  const std::string text =
      "whale whale whale filler filler filler filler filler filler whale ship filler";
  const auto snippets =
      Make(text, {{"whale", 0}, {"ship", 1}}, {2.0, 1.0}, {.max_chars = 20, .count = 1});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("whale", "ship"));
}

TEST(SnippetTest, AFragmentBeginsWithASentenceThatIsNear) {
  const std::string text =
      "A first sentence that is long enough to be cut off here. The whale swims in the sea and "
      "nobody sees it come up for air again.";
  const auto snippets = Make(text, {{"whale", 0}}, {1.0}, {.max_chars = 60, .count = 1});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].text.substr(0, 10), "The whale ");
}

TEST(SnippetTest, FurtherFragmentsShowTermsNotYetShownInTheOrderOfTheText) {
  const std::string filler(" filler filler filler filler filler filler filler filler ");
  const std::string text = "alpha" + filler + "beta" + filler + "alpha";
  const auto snippets =
      Make(text, {{"alpha", 0}, {"beta", 1}}, {1.0, 2.0}, {.max_chars = 20, .count = 5});
  ASSERT_EQ(snippets.size(), 2u);
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("alpha"));
  EXPECT_THAT(Highlighted(snippets[1]), ElementsAre("beta"));
}

TEST(SnippetTest, LengthsAreCharactersAndRangesBytes) {
  const std::string text = "\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage d\xc3\xa9serte";
  const auto snippets = Make(text, {{"\xc3\xa9t\xc3\xa9", 0}}, {1.0}, {.max_chars = 8, .count = 1});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].text, "\xc3\xa9t\xc3\xa9 \xc3\xa0 la");
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("\xc3\xa9t\xc3\xa9"));
}

TEST(SnippetTest, AWordLongerThanTheSnippetIsShownWhole) {
  const auto snippets = Make("see supercalifragilistic words", {{"supercalifragilistic", 0}}, {1.0},
                             {.max_chars = 5, .count = 1});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].text, "supercalifragilistic");
}

TEST(SnippetTest, RangesAreThoseOfTheDocument) {
  const std::string text = "another passage. The white whale";
  const ByteRange passage{17, static_cast<uint32_t>(text.size())};
  const auto snippets = MakeSnippets(text, passage, WordsOf(text, passage, {{"whale", 0}}),
                                     std::vector<double>{1.0}, {});
  ASSERT_EQ(snippets.size(), 1u);
  EXPECT_EQ(snippets[0].source.begin, 17u);
  EXPECT_EQ(snippets[0].source.end, 32u);
  EXPECT_THAT(Highlighted(snippets[0]), ElementsAre("whale"));
}

double SumOfTerms(const PassageWords& words, const std::vector<double>& contributions,
                  ByteRange range) {
  std::set<uint32_t> terms;
  for (const QueriedWord& word : words.queried) {
    if (word.range.begin >= range.begin && word.range.end <= range.end) terms.insert(word.term);
  }
  double sum = 0;
  for (const uint32_t term : terms) sum += contributions[term];
  return sum;
}

TEST(SnippetTest, RandomPassagesGiveTheBestWindowAndDisjointFragmentsCutAtWordEnds) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> separators = {" ", ", ", ". ", " (", "\n", " - "};
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    const size_t length = random() % 60;
    for (size_t i = 0; i < length; ++i) {
      text += random() % 9 == 0 ? "\xc3\xa9" : "w";
      text += std::to_string(random() % 12) + separators[random() % separators.size()];
    }
    std::map<std::string, uint32_t> terms;
    std::vector<double> contributions;
    for (uint32_t term = 0; term < random() % 5; ++term) {
      terms.emplace(absl::StrCat("w", random() % 12), term);
      contributions.push_back(static_cast<double>(1 + random() % 4));
    }
    contributions.resize(5, 1.0);
    const SnippetRequest request{.max_chars = static_cast<uint32_t>(5 + random() % 60),
                                 .count = static_cast<uint32_t>(1 + random() % 3)};
    const ByteRange passage{0, static_cast<uint32_t>(text.size())};
    const PassageWords words = WordsOf(text, passage, terms);
    const auto snippets = MakeSnippets(text, passage, words, contributions, request);

    double shown = 0;
    uint32_t last_end = 0;
    for (const Snippet& snippet : snippets) {
      EXPECT_EQ(snippet.text,
                text.substr(snippet.source.begin, snippet.source.end - snippet.source.begin));
      EXPECT_GE(snippet.source.begin, last_end);
      last_end = snippet.source.end;
      const auto chars = std::count_if(snippet.text.begin(), snippet.text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      });
      EXPECT_LE(chars, request.max_chars + 4) << snippet.text;  // leaning punctuation
      for (const ByteRange& word : words.words) {
        EXPECT_FALSE(word.begin < snippet.source.begin && snippet.source.begin < word.end);
        EXPECT_FALSE(word.begin < snippet.source.end && snippet.source.end < word.end);
      }
      shown = std::max(shown, SumOfTerms(words, contributions, snippet.source));
    }
    double best = 0;
    for (size_t i = 0; i < words.queried.size(); ++i) {
      for (size_t j = i; j < words.queried.size(); ++j) {
        const ByteRange range{words.queried[i].range.begin, words.queried[j].range.end};
        std::string window = text.substr(range.begin, range.end - range.begin);
        std::erase_if(window,
                      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
        if (window.size() <= request.max_chars) {
          best = std::max(best, SumOfTerms(words, contributions, range));
        }
      }
    }
    EXPECT_GE(shown, best) << text;
  }
}

}  // namespace
}  // namespace foraker::retrieval
