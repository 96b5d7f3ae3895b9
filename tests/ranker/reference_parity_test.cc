// The decoder against tests/golden/ranker/reference, which an independent reference made
// (tests/golden/ranker/reference.py): hidden states and scores of every family.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/json/json_object.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/weight_source.h"
#include "tests/ranker/checkpoint_writer.h"
#include "tests/ranker/golden_prompt.h"
#include "tests/ranker/loaded_decoder.h"
#include "tests/ranker/score_deviation.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using Json = nlohmann::json;

constexpr float kTolerance = 1e-4f;

bool IsOrdinary(const Json& run) { return !run.contains("block_ends"); }

Pass PassOf(const Json& run) {
  Pass pass;
  if (IsOrdinary(run)) {
    pass.AddCausal(run.at("ids").get<std::vector<uint32_t>>());
  } else {
    pass.Add(PromptOf(run, run.at("scores").at(0)));
  }
  return pass;
}

class ReferenceParityTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::ifstream file(std::string("tests/golden/ranker/reference/") + GetParam() + ".json");
    golden_ = Json::parse(file);
  }

  // A directory with the golden's model; removed with the test.
  std::string Checkpoint(const CheckpointOptions& options) const {
    const std::string text = golden_.at("config").dump();
    directory_.Write("config.json", text);
    const auto config = ParseDecoderConfig(*model::JsonObject::Parse(text, "config.json"));
    EXPECT_TRUE(config.ok()) << config.status();
    if (!config.ok()) return "";
    const auto weights = MakeRandomWeights(*config, golden_.at("seed").get<uint64_t>());
    WriteTensors(directory_.path(), TensorsOf(*config, *weights), options);
    return directory_.path();
  }

  // Checks `each(score of the golden, scores made)` on all lists and variants.
  template <typename Each>
  void ForEachScore(const std::string& weights, const std::string& directory, Precision precision,
                    const Each& each) const {
    for (const Json& run : golden_.at("runs")) {
      if (IsOrdinary(run)) continue;
      for (const Json& score : run.at("scores")) {
        if (score.at("weights") != weights) continue;
        SCOPED_TRACE(run.at("name").get<std::string>() + ", layer " + score.at("layer").dump() +
                     ", " + score.at("variant").get<std::string>());
        const auto layer = score.at("layer").get<uint32_t>();
        const auto decoder = LoadDecoder(directory, {layer, layer}, {precision, 2});
        ASSERT_NE(decoder, nullptr);
        Pass pass;
        pass.Add(PromptOf(run, score));
        const auto scores = decoder->NewRunner().Score(pass, nullptr);
        ASSERT_TRUE(scores.ok()) << scores.status();
        each(score.at("scores").get<std::vector<float>>(), scores->at(0));
      }
    }
  }

  TemporaryDirectory directory_;
  Json golden_;
};

void ExpectScores(const std::vector<float>& expected, const std::vector<float>& scores) {
  ASSERT_EQ(scores.size(), expected.size());
  for (size_t d = 0; d < scores.size(); ++d) {
    EXPECT_NEAR(scores[d], expected[d], kTolerance * expected[d]) << "document " << d;
  }
}

float Norm(const float* row, size_t width) {
  double sum = 0;
  for (size_t i = 0; i < width; ++i) sum += double{row[i]} * double{row[i]};
  return static_cast<float>(std::sqrt(sum));
}

// `hidden` [rows, hidden]: norms of all rows, and a sample of values relative to their row's root
// mean square.
void ExpectStates(const Json& expected, const std::vector<float>& hidden) {
  const auto norms = expected.at("norms").get<std::vector<float>>();
  const size_t width = hidden.size() / norms.size();
  ASSERT_EQ(hidden.size(), norms.size() * width);
  for (size_t row = 0; row < norms.size(); ++row) {
    EXPECT_NEAR(Norm(&hidden[row * width], width), norms[row], kTolerance * norms[row])
        << "row " << row;
  }
  const auto rows = expected.at("rows").get<std::vector<size_t>>();
  const auto columns = expected.at("columns").get<std::vector<size_t>>();
  for (size_t i = 0; i < rows.size(); ++i) {
    const float size = norms[rows[i]] / std::sqrt(static_cast<float>(width));
    for (size_t j = 0; j < columns.size(); ++j) {
      EXPECT_NEAR(hidden[rows[i] * width + columns[j]],
                  expected.at("values").at(i).at(j).get<float>(), kTolerance * size)
          << "row " << rows[i] << ", column " << columns[j];
    }
  }
}

TEST_P(ReferenceParityTest, HiddenStatesAreThoseOfTheReference) {
  const std::string directory = Checkpoint({});
  const auto layers = golden_.at("config").at("num_hidden_layers").get<uint32_t>();
  const auto decoder = LoadDecoder(directory, {layers, std::nullopt}, {Precision::kF32, 2});
  ASSERT_NE(decoder, nullptr);
  for (const Json& run : golden_.at("runs")) {
    const Pass pass = PassOf(run);
    for (const Json& states : run.at("states")) {
      SCOPED_TRACE(run.at("name").get<std::string>() + ", layers " + states.at("layers").dump());
      const auto hidden = decoder->NewRunner().Hidden(pass, states.at("layers").get<uint32_t>());
      ASSERT_TRUE(hidden.ok()) << hidden.status();
      ExpectStates(states, *hidden);
    }
  }
}

TEST_P(ReferenceParityTest, ScoresAreThoseOfTheReference) {
  ForEachScore("float32", Checkpoint({.shards = 3}), Precision::kF32, ExpectScores);
}

TEST_P(ReferenceParityTest, ScoresOfBfloat16WeightsAreThoseOfTheReference) {
  const std::string directory = Checkpoint({.bf16 = true});
  ForEachScore("bfloat16", directory, Precision::kF32, ExpectScores);
  ForEachScore("bfloat16", directory, Precision::kBf16, ExpectScores);
}

TEST_P(ReferenceParityTest, EveryPrecisionRanksAsTheReferenceUpToTies) {
  const std::string directory = Checkpoint({});
  for (const PrecisionLimit& limit : PrecisionLimits(0.02f, 0.06f)) {
    ScoreDeviation deviation(0.02f);
    ForEachScore("float32", directory, limit.precision,
                 [&](const auto& expected, const auto& made) { deviation.Add(expected, made); });
    deviation.Expect(absl::StrCat(GetParam(), " ", limit.name), limit.worst);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, ReferenceParityTest,
                         testing::Values("mistral", "llama2", "llama2-linear", "llama3", "qwen3"),
                         [](const auto& family) {
                           std::string name = family.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace foraker::ranker
