#include "retrieval/ingest/plausibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/retrieval/ingest_inputs.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kVocabulary = 300;

// `terms` terms that are decided by `deciders` of the tokens in turn.
EncodedPassage Passage(size_t tokens, uint32_t terms, uint32_t deciders) {
  EncodedPassage passage{tokens, {}};
  for (uint32_t i = 0; i < terms; ++i) passage.terms.push_back({i, 1.0f, i % deciders});
  return passage;
}

std::string Refusal(std::vector<EncodedPassage> passages) {
  const absl::Status status = CheckPlausible(passages, kVocabulary);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(PlausibilityTest, OrdinaryPassagesAreTaken) {
  EXPECT_EQ(Refusal({}), "");
  EXPECT_EQ(Refusal({Passage(20, 60, 10), Passage(30, 100, 15), Passage(5, 0, 1)}), "");
}

TEST(PlausibilityTest, TooManyTermsAndNoTermsAreRefused) {
  EXPECT_THAT(Refusal({Passage(20, 150, 10), Passage(20, 60, 10)}), HasSubstr("35 %"));
  EXPECT_THAT(Refusal({Passage(20, 0, 1), Passage(9, 0, 1)}), HasSubstr("no passage has any"));
}

TEST(PlausibilityTest, OnePositionThatDecidesAllIsRefusedButOfShortPassages) {
  EXPECT_THAT(Refusal({Passage(20, 60, 1), Passage(20, 40, 1)}), HasSubstr("100 %"));
  EXPECT_EQ(Refusal({Passage(3, 60, 1), Passage(20, 60, 10)}), "");
  EXPECT_EQ(Refusal({Passage(20, 60, 1), Passage(20, 60, 10)}), "");  // not on average
}

TEST(PlausibilityTest, AWeightThatIsNotFiniteIsRefused) {
  EncodedPassage passage = Passage(20, 60, 10);
  passage.terms[7].weight = std::nanf("");
  EXPECT_THAT(Refusal({passage}), HasSubstr("token 7"));
}

std::vector<std::string> RestOf(LineReader& reader) {
  std::vector<std::string> lines;
  while (true) {
    const auto batch = reader.Next(1000);
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || !*batch) return lines;
    for (const Line& line : (*batch)->lines) lines.emplace_back(line.text);
  }
}

TEST(PlausibilityTest, VerifyingLeavesTheInputAsItWas) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", ModelLines(1, 500, 20));
  LineReader untouched({input});
  LineReader reader({input});
  const absl::Status verified = VerifyEncoder(reader, ModelSettings(), LoadedFixture());
  EXPECT_TRUE(verified.ok()) << verified;
  EXPECT_EQ(RestOf(reader), RestOf(untouched));
  EXPECT_TRUE(VerifyEncoder(reader, ModelSettings(), LoadedFixture()).ok());  // nothing is left
}

}  // namespace
}  // namespace foraker::retrieval
