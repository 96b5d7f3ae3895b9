#include "model/analyzer/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const Analyzer> Make(const AnalyzerOptions& options = {}) {
  auto analyzer = Analyzer::Create(options);
  EXPECT_TRUE(analyzer.ok()) << analyzer.status();
  return *analyzer;
}

// Stems that would be indexed.
std::vector<std::string> Stems(const Analyzer& analyzer, std::string_view text) {
  std::vector<std::string> stems;
  const std::unique_ptr<Analyzer::Session> session = analyzer.NewSession();
  for (const AnalyzedWord& word : session->Analyze(text)) {
    if (!word.stop) stems.emplace_back(word.stem);
  }
  return stems;
}

TEST(AnalyzerTest, EnglishIsFoldedStoppedAndStemmedWithPorterByDefault) {
  EXPECT_THAT(Stems(*Make(), "The Relational databases were RUNNING in 3 cities"),
              ElementsAre("relat", "databas", "were", "run", "3", "citi"));
}

TEST(AnalyzerTest, Porter2IsTheOtherEnglishStemmer) {
  AnalyzerOptions options;
  options.stemmer = "english";
  EXPECT_THAT(Stems(*Make(options), "generously skis"), ElementsAre("generous", "ski"));
}

TEST(AnalyzerTest, StopWordsAreMarkedWithTheirFoldedForm) {
  const auto session = Make()->NewSession();
  const std::vector<AnalyzedWord>& words = session->Analyze("THE cat");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_TRUE(words[0].stop);
  EXPECT_EQ(words[0].stem, "the");
  EXPECT_FALSE(words[1].stop);
}

TEST(AnalyzerTest, OffsetsAreBytesOfTheWordAsItStands) {
  const std::string_view text = "\u00c9t\u00e9 \u2014 the Dog's tail";
  const auto session = Make()->NewSession();
  const std::vector<AnalyzedWord>& words = session->Analyze(text);
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(text.substr(words[0].begin, words[0].end - words[0].begin), "\u00c9t\u00e9");
  EXPECT_EQ(text.substr(words[2].begin, words[2].end - words[2].begin), "Dog's");
  EXPECT_EQ(words[2].stem, "dog");
}

TEST(AnalyzerTest, EnglishPossessivesLoseTheirEndingWhateverTheApostrophe) {
  EXPECT_THAT(Stems(*Make(), "Newton's Newton\u2019s NEWTON'S"),
              ElementsAre("newton", "newton", "newton"));
  EXPECT_TRUE(Stems(*Make(), "it's").empty());  // a stop word once the ending is gone
}

TEST(AnalyzerTest, ApostrophesInsideAWordStay) {
  EXPECT_THAT(Stems(*Make(), "don't don\u2019t"), ElementsAre("don't", "don't"));
}

TEST(AnalyzerTest, HyphensSeparateAndNumbersAreKept) {
  EXPECT_THAT(Stems(*Make(), "covid-19 3.14 2,000"), ElementsAre("covid", "19", "3.14", "2,000"));
}

TEST(AnalyzerTest, FoldingCoversFullCaseCompatibilityFormsAndSoftHyphens) {
  AnalyzerOptions options;
  options.language = "none";
  options.stemmer = "";
  EXPECT_THAT(
      Stems(*Make(options), "Stra\u00dfe \ufb01n \uff21\uff22 hy\u00adphen \u03a3\u03b1\u03c2"),
      ElementsAre("strasse", "fin", "ab", "hyphen", "\u03c3\u03b1\u03c3"));
}

TEST(AnalyzerTest, AWordThatFoldsToNothingIsNoWord) {
  EXPECT_TRUE(Stems(*Make(), "\u3164 \u115f").empty());
}

TEST(AnalyzerTest, WithoutALanguageNothingIsStemmedOrStopped) {
  AnalyzerOptions options;
  options.language = "none";
  options.stemmer = "";
  EXPECT_THAT(Stems(*Make(options), "The Cats' dog's"), ElementsAre("the", "cats", "dog's"));
}

TEST(AnalyzerTest, OtherLanguagesHaveTheirStemmersAndStopWords) {
  AnalyzerOptions options;
  options.language = "german";
  options.stemmer = "german";
  EXPECT_THAT(Stems(*Make(options), "Die H\u00e4user f\u00fcr dich, da\u00df"),
              ElementsAre("haus", "dich"));
  options.language = options.stemmer = "french";
  EXPECT_THAT(Stems(*Make(options), "les maisons"), ElementsAre("maison"));
}

TEST(AnalyzerTest, ElidedArticlesAreNoPartOfTheWord) {
  AnalyzerOptions options;
  options.language = options.stemmer = "french";
  EXPECT_THAT(Stems(*Make(options), "l'avion L\u2019Avion aujourd'hui l'"),
              ElementsAre("avion", "avion", "aujourd'hui"));
  options.language = options.stemmer = "italian";
  EXPECT_THAT(Stems(*Make(options), "dell'amico"), ElementsAre("amic"));
}

TEST(AnalyzerTest, StopWordsCanBeKept) {
  AnalyzerOptions options;
  options.stop_words = false;
  EXPECT_THAT(Stems(*Make(options), "to be"), ElementsAre("to", "be"));
}

TEST(AnalyzerTest, EveryLanguageCanBeMade) {
  for (const std::string& language : Analyzer::Languages()) {
    AnalyzerOptions options;
    options.language = language;
    options.stemmer = Analyzer::DefaultStemmer(language);
    EXPECT_EQ(Stems(*Make(options), "42").size(), 1u) << language;
  }
}

TEST(AnalyzerTest, UnknownLanguagesAndStemmersThatDoNotFitAreNamed) {
  AnalyzerOptions options;
  options.language = "klingon";
  auto analyzer = Analyzer::Create(options);
  EXPECT_EQ(analyzer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(analyzer.status().message()), HasSubstr("english"));
  options.language = "german";
  options.stemmer = "porter";
  analyzer = Analyzer::Create(options);
  EXPECT_EQ(analyzer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(analyzer.status().message()), HasSubstr("expected \"german\""));
}

TEST(AnalyzerTest, LongWordsAreCutTo255BytesAtACharacterBoundary) {
  AnalyzerOptions options;
  options.language = "none";
  options.stemmer = "";
  std::string word = "a";
  for (int i = 0; i < 200; ++i) word += "\u00e9";  // 401 bytes
  const std::vector<std::string> stems = Stems(*Make(options), word);
  ASSERT_EQ(stems.size(), 1u);
  EXPECT_EQ(stems[0], word.substr(0, 255));
}

TEST(AnalyzerTest, ASessionGivesTheSameStemsAgainAndForLongTexts) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "word" + std::to_string(i % 30'000) + "ing ";
  const auto analyzer = Make();
  const auto session = analyzer->NewSession();
  std::vector<std::string> first;
  for (const AnalyzedWord& word : session->Analyze(text)) first.emplace_back(word.stem);
  std::vector<std::string> second;
  for (const AnalyzedWord& word : session->Analyze(text)) second.emplace_back(word.stem);
  EXPECT_EQ(first.size(), 40'000u);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first[7], "word7");
}

TEST(AnalyzerTest, SessionsOfOneAnalyzerRunSideBySide) {
  const auto analyzer = Make();
  const std::vector<std::string> expected = Stems(*analyzer, "naive na\u00efve running dogs");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(Stems(*analyzer, "naive na\u00efve running dogs"), expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(AnalyzerTest, TheFingerprintTellsAnalyzersApart) {
  const std::string porter = Make()->Fingerprint();
  EXPECT_EQ(porter.size(), 16u);
  EXPECT_EQ(porter, Make()->Fingerprint());
  AnalyzerOptions options;
  options.stemmer = "english";
  EXPECT_NE(porter, Make(options)->Fingerprint());
  options.stop_words = false;
  EXPECT_NE(Make(options)->Fingerprint(), porter);
}

}  // namespace
}  // namespace foraker::model
