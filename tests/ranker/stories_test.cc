// A real language model, small as it is: its logits, the story it tells, and lists ranked with it
// are those of an independent reading of its own file (tests/golden/ranker/stories.py).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "absl/strings/str_cat.h"
#include "tests/ranker/golden_prompt.h"
#include "tests/ranker/loaded_decoder.h"
#include "tests/ranker/score_deviation.h"
#include "tests/ranker/stories_checkpoint.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using Json = nlohmann::json;

constexpr double kTolerance = 1e-4;

class StoriesTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string file = StoriesFile();
    if (file.empty()) GTEST_SKIP() << "../shared/models/stories260k is not there";
    model_ = WriteStoriesCheckpoint(file, directory_.path());
    std::ifstream golden("tests/golden/ranker/stories260k.json");
    golden_ = Json::parse(golden);
  }

  std::unique_ptr<const Decoder> WholeDecoder() const {
    return LoadDecoder(directory_.path(), {model_.config.layers, std::nullopt},
                       {Precision::kF32, 2});
  }

  // What the model's end makes of a row [hidden]: [vocabulary].
  std::vector<double> Logits(std::span<const float> hidden) const {
    double squares = 0;
    for (const float value : hidden) squares += double{value} * double{value};
    const double scale =
        1 / std::sqrt(squares / static_cast<double>(hidden.size()) + model_.config.norm_epsilon);
    std::vector<double> logits(model_.config.vocabulary, 0);
    for (size_t id = 0; id < logits.size(); ++id) {
      for (size_t i = 0; i < hidden.size(); ++i) {
        logits[id] += double{hidden[i]} * scale * double{model_.last_norm[i]} *
                      double{model_.embeddings[id * hidden.size() + i]};
      }
    }
    return logits;
  }

  // Of every row of an ordinary sequence.
  std::vector<std::vector<double>> Logits(const Decoder& decoder,
                                          const std::vector<uint32_t>& ids) const {
    Pass pass;
    pass.AddCausal(ids);
    const auto hidden = decoder.NewRunner().Hidden(pass, model_.config.layers);
    EXPECT_TRUE(hidden.ok()) << hidden.status();
    if (!hidden.ok()) return {};
    std::vector<std::vector<double>> logits;
    const size_t width = model_.config.hidden;
    for (size_t row = 0; row < ids.size(); ++row) {
      logits.push_back(Logits(std::span(*hidden).subspan(row * width, width)));
    }
    return logits;
  }

  TemporaryDirectory directory_;
  StoriesModel model_;
  Json golden_;
};

void ExpectLogits(const Json& expected, const std::vector<double>& logits) {
  double sum = 0, squares = 0;
  for (const double logit : logits) {
    sum += logit;
    squares += logit * logit;
  }
  const double size = std::sqrt(squares / static_cast<double>(logits.size()));
  EXPECT_NEAR(squares, expected.at("square_sum").get<double>(), kTolerance * squares);
  EXPECT_NEAR(sum, expected.at("sum").get<double>(),
              kTolerance * size * static_cast<double>(logits.size()));
  const auto ids = expected.at("ids").get<std::vector<size_t>>();
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_NEAR(logits[ids[i]], expected.at("values").at(i).get<double>(), kTolerance * size);
  }
  EXPECT_EQ(std::max_element(logits.begin(), logits.end()) - logits.begin(),
            static_cast<std::ptrdiff_t>(ids[0]));
}

TEST_F(StoriesTest, LogitsAreThoseOfTheReference) {
  const auto decoder = WholeDecoder();
  ASSERT_NE(decoder, nullptr);
  for (const Json& sequence : golden_.at("sequences")) {
    SCOPED_TRACE(sequence.at("text").get<std::string>());
    const auto logits = Logits(*decoder, sequence.at("ids").get<std::vector<uint32_t>>());
    for (const Json& row : sequence.at("rows")) {
      SCOPED_TRACE(row.at("row").dump());
      ExpectLogits(row, logits.at(row.at("row").get<size_t>()));
    }
  }
}

TEST_F(StoriesTest, TheLikeliestWordsTellTheStoryOfTheReference) {
  const auto decoder = WholeDecoder();
  ASSERT_NE(decoder, nullptr);
  const Json& greedy = golden_.at("greedy");
  auto ids = greedy.at("ids").get<std::vector<uint32_t>>();
  for (const uint32_t expected : greedy.at("continuation").get<std::vector<uint32_t>>()) {
    const std::vector<double> last = Logits(*decoder, ids).back();
    ids.push_back(static_cast<uint32_t>(std::max_element(last.begin(), last.end()) - last.begin()));
    ASSERT_EQ(ids.back(), expected) << "after " << ids.size() - 1 << " tokens";
  }
}

TEST_F(StoriesTest, ListsScoreAsInTheReference) {
  // Its attention is sharp: logits of some tens, of which 8 bits are off by tenths.
  for (const PrecisionLimit& limit : PrecisionLimits(0.1f, 0.4f)) {
    ScoreDeviation deviation(0.1f);
    for (const Json& list : golden_.at("lists")) {
      const auto layer = list.at("layer").get<uint32_t>();
      const auto decoder = LoadDecoder(directory_.path(), {layer, layer}, {limit.precision, 2});
      ASSERT_NE(decoder, nullptr);
      for (const Json& variant : list.at("scores")) {
        Pass pass;
        pass.Add(PromptOf(list, variant));
        const auto scores = decoder->NewRunner().Score(pass, nullptr);
        ASSERT_TRUE(scores.ok()) << scores.status();
        deviation.Add(variant.at("scores").get<std::vector<float>>(), scores->at(0));
      }
    }
    deviation.Expect(absl::StrCat("stories260K ", limit.name), limit.worst);
  }
}

}  // namespace
}  // namespace foraker::ranker
