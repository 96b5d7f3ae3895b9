#include "model/encoder/sparse_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>
#include <utility>

#include "base/status.h"
#include "model/tokenizer/wordpiece.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using std::string_literals::operator""s;

using Ids = std::vector<uint32_t>;
using Terms = std::vector<LearnedTerm>;

std::string Fixture(const std::string& name) { return "tests/golden/encoders/" + name; }

std::string Shared() {
  const char* set = std::getenv("FORAKER_SHARED");
  return set != nullptr ? set : "../shared";
}

std::shared_ptr<const SparseEncoder> OpenOrDie(const std::string& directory, Precision precision) {
  auto encoder = SparseEncoder::Open(directory, precision);
  EXPECT_TRUE(encoder.ok()) << encoder.status();
  return encoder.ok() ? *encoder : nullptr;
}

std::vector<Terms> Encode(const SparseEncoder& encoder, const std::vector<Ids>& texts) {
  const std::vector<std::span<const uint32_t>> spans(texts.begin(), texts.end());
  std::vector<Terms> terms;
  const absl::Status status = encoder.NewSession()->Encode(spans, terms);
  EXPECT_TRUE(status.ok()) << status;
  return terms;
}

bool SameBits(const Terms& a, const Terms& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.token == y.token && x.weight == y.weight && x.source == y.source;
  });
}

// Of the random texts: ids of the fixtures' vocabularies, special tokens left out.
std::vector<Ids> RandomTexts(size_t count, uint32_t longest, uint32_t vocabulary, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Ids> texts(count);
  for (Ids& text : texts) {
    text.resize(random() % (longest + 1));
    for (uint32_t& id : text) id = static_cast<uint32_t>(random() % vocabulary);
  }
  return texts;
}

class GoldenEncoderTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenEncoderTest, WeightsAndSourcesAreThoseOfTransformers) {
  std::ifstream file(Fixture(GetParam()) + "/expected.json");
  const nlohmann::json expected = nlohmann::json::parse(file);
  const auto encoder = OpenOrDie(Fixture(GetParam()), Precision::kF32);
  ASSERT_NE(encoder, nullptr);
  std::vector<Ids> texts;
  for (const auto& text : expected) texts.push_back(text["ids"].get<Ids>());
  const std::vector<Terms> terms = Encode(*encoder, texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto tokens = expected[i]["terms"]["tokens"].get<std::vector<uint32_t>>();
    const auto weights = expected[i]["terms"]["weights"].get<std::vector<float>>();
    const auto sources = expected[i]["terms"]["sources"].get<std::vector<uint32_t>>();
    ASSERT_EQ(terms[i].size(), tokens.size()) << "text " << i;
    for (size_t t = 0; t < tokens.size(); ++t) {
      EXPECT_EQ(terms[i][t].token, tokens[t]) << "text " << i;
      EXPECT_NEAR(terms[i][t].weight, weights[t], 1e-4) << "text " << i << " token " << tokens[t];
      EXPECT_EQ(terms[i][t].source, sources[t]) << "text " << i << " token " << tokens[t];
    }
  }
}

TEST_P(GoldenEncoderTest, ATextsBitsDoNotDependOnItsNeighboursNorOnTheSession) {
  constexpr uint64_t kSeed = 11;
  for (const Precision precision : {Precision::kF32, Precision::kInt8}) {
    if (!Supports(precision)) continue;
    SCOPED_TRACE(testing::Message() << PrecisionName(precision) << ", seed " << kSeed);
    const auto encoder = OpenOrDie(Fixture(GetParam()), precision);
    ASSERT_NE(encoder, nullptr);
    const std::vector<Ids> texts =
        RandomTexts(60, encoder->max_tokens() - 2, encoder->config().vocabulary, kSeed);
    const std::vector<Terms> together = Encode(*encoder, texts);
    std::vector<Ids> backwards(texts.rbegin(), texts.rend());
    std::vector<Terms> beside;
    std::thread other([&] { beside = Encode(*encoder, backwards); });
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_TRUE(SameBits(Encode(*encoder, {texts[i]})[0], together[i])) << "text " << i;
    }
    other.join();
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_TRUE(SameBits(beside[texts.size() - 1 - i], together[i])) << "text " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GoldenEncoderTest,
                         testing::Values("bert", "bert-double-log", "distilbert", "new"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(SparseEncoderTest, AnEmptyTextHasNoTerms) {
  const auto encoder = OpenOrDie(Fixture("bert"), Precision::kF32);
  ASSERT_NE(encoder, nullptr);
  const std::vector<Terms> terms = Encode(*encoder, {{}, {10, 11}, {}, {}, {12}, {}});
  for (const size_t empty : {0, 2, 3, 5}) EXPECT_TRUE(terms[empty].empty());
  EXPECT_FALSE(terms[1].empty());
  EXPECT_TRUE(SameBits(terms[4], Encode(*encoder, {{12}})[0]));
}

TEST(SparseEncoderTest, TextsThatTheModelCannotReadAreRefusedByNumber) {
  const auto encoder = OpenOrDie(Fixture("bert"), Precision::kF32);
  ASSERT_NE(encoder, nullptr);
  const auto session = encoder->NewSession();
  std::vector<Terms> terms;
  const Ids good = {10};
  const Ids long_text(encoder->max_tokens() - 1, 10);
  const Ids unknown = {encoder->config().vocabulary};
  for (const Ids& bad : {long_text, unknown}) {
    const std::vector<std::span<const uint32_t>> texts = {good, bad};
    const absl::Status status = session->Encode(texts, terms);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("text 1"));
  }
}

TEST(SparseEncoderTest, TheFingerprintIsTheSameForEveryPrecisionAndDiffersBetweenModels) {
  const auto bert = OpenOrDie(Fixture("bert"), Precision::kF32);
  const auto distilbert = OpenOrDie(Fixture("distilbert"), Precision::kF32);
  ASSERT_TRUE(bert != nullptr && distilbert != nullptr);
  EXPECT_NE(bert->Fingerprint(), distilbert->Fingerprint());
  if (!Supports(Precision::kInt8)) GTEST_SKIP() << "no VNNI here";
  const auto int8 = OpenOrDie(Fixture("bert"), Precision::kInt8);
  ASSERT_NE(int8, nullptr);
  EXPECT_EQ(bert->Fingerprint(), int8->Fingerprint());
}

// A copy of the "bert" fixture whose safetensors header `change` was applied to, with `tail` after
// the data.
class ChangedModel {
 public:
  template <typename Change>
  ChangedModel(const Change& change, const std::string& tail) {
    std::filesystem::copy(Fixture("bert"), directory_.path(),
                          std::filesystem::copy_options::recursive);
    const std::string path = directory_.File("model.safetensors");
    std::stringstream file_stream;
    file_stream << std::ifstream(path, std::ios::binary).rdbuf();
    const std::string file = file_stream.str();
    uint64_t size = 0;
    std::memcpy(&size, file.data(), sizeof size);
    nlohmann::json header = nlohmann::json::parse(file.substr(sizeof size, size));
    const std::string data = file.substr(sizeof size + size);
    change(header, data.size());
    const std::string text = header.dump();
    size = text.size();
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << std::string(reinterpret_cast<const char*>(&size), sizeof size) << text << data << tail;
  }

  absl::Status Open() const {
    return SparseEncoder::Open(directory_.path(), Precision::kF32).status();
  }

 private:
  const TemporaryDirectory directory_;
};

void ExpectRefused(const absl::Status& status, const std::string& tensor) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(tensor));
}

TEST(SparseEncoderTest, AMissingTensorIsRefusedByName) {
  const std::string name = "bert.encoder.layer.0.attention.self.key.bias";
  const ChangedModel model(
      [&](nlohmann::json& header, size_t) {
        header["something.else"] = header[name];
        header.erase(name);
      },
      "");
  ExpectRefused(model.Open(), name);
}

TEST(SparseEncoderTest, ATensorOfAnotherShapeIsRefusedByName) {
  const std::string name = "bert.encoder.layer.1.intermediate.dense.weight";
  const ChangedModel model(
      [&](nlohmann::json& header, size_t) {
        std::reverse(header[name]["shape"].begin(), header[name]["shape"].end());
      },
      "");
  ExpectRefused(model.Open(), name);
}

TEST(SparseEncoderTest, ATensorThatNobodyTakesIsRefusedByName) {
  const std::string name = "bert.encoder.layer.7.output.dense.bias";
  const ChangedModel model(
      [&](nlohmann::json& header, size_t size) {
        header[name] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {size, size + 4}}};
      },
      "\0\0\0\0"s);
  ExpectRefused(model.Open(), name);
}

TEST(SparseEncoderTest, Int8IsRefusedWithoutVnni) {
  if (Supports(Precision::kInt8)) GTEST_SKIP() << "this processor has VNNI";
  EXPECT_EQ(SparseEncoder::Open(Fixture("bert"), Precision::kInt8).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

double Dot(const Terms& a, const Terms& b) {
  double sum = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (x->token == y->token) sum += double{x->weight} * double{y->weight};
    const bool forward = x->token <= y->token;
    if (y->token <= x->token) ++y;
    if (forward) ++x;
  }
  return sum;
}

// The first texts of a real corpus as splade-tiny reads them, 256 tokens at most.
std::vector<Ids> RealTexts(const WordPiece& tokenizer, size_t count) {
  std::ifstream corpus(Shared() + "/data/cranfield/corpus.jsonl");
  std::vector<Ids> texts;
  const auto session = tokenizer.NewSession();
  for (std::string line; texts.size() < count && std::getline(corpus, line);) {
    Ids ids;
    for (const Token& token :
         session->Tokenize(nlohmann::json::parse(line)["text"].get<std::string>())) {
      if (ids.size() < 254) ids.push_back(token.id);
    }
    texts.push_back(std::move(ids));
  }
  return texts;
}

TEST(SparseEncoderTest, Int8VectorsOfRealTextsAreCloseToThoseInF32) {
  const std::string model = Shared() + "/models/splade-tiny";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not here";
  if (!Supports(Precision::kInt8)) GTEST_SKIP() << "no VNNI here";
  const auto f32 = OpenOrDie(model, Precision::kF32);
  const auto int8 = OpenOrDie(model, Precision::kInt8);
  const auto tokenizer = WordPiece::Open(model);
  ASSERT_TRUE(f32 != nullptr && int8 != nullptr && tokenizer.ok());
  const std::vector<Ids> texts = RealTexts(**tokenizer, 100);
  ASSERT_FALSE(texts.empty());
  const std::vector<Terms> exact = Encode(*f32, texts);
  const std::vector<Terms> quantised = Encode(*int8, texts);
  double least_cosine = 1;
  double largest_difference = 0;
  double differences = 0;
  double terms = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    least_cosine = std::min(
        least_cosine, Dot(exact[i], quantised[i]) /
                          std::sqrt(Dot(exact[i], exact[i]) * Dot(quantised[i], quantised[i])));
    for (const auto& [one, other] :
         {std::pair(&exact[i], &quantised[i]), std::pair(&quantised[i], &exact[i])}) {
      for (const LearnedTerm& term : *one) {
        const auto same = std::find_if(other->begin(), other->end(),
                                       [&](const LearnedTerm& t) { return t.token == term.token; });
        const double difference =
            std::abs(term.weight - (same == other->end() ? 0.0f : same->weight));
        largest_difference = std::max(largest_difference, difference);
        differences += difference;
        ++terms;
      }
    }
  }
  std::printf("cosine at least %.5f, weights differ by %.4f on the mean, %.4f at most\n",
              least_cosine, differences / terms, largest_difference);
  EXPECT_GT(least_cosine, 0.99);
  EXPECT_LT(largest_difference, 0.3);
}

}  // namespace
}  // namespace foraker::model
