// Batch builds with a neural encoder.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "retrieval/encoder_store.h"
#include "retrieval/ingest/attach.h"
#include "tests/retrieval/ingest_inputs.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

CollectionSettings SettingsOf(const std::string& dir) {
  const auto catalog = *index::Catalog::Open(dir, index::OpenMode::kRead);
  return *CollectionSettings::FromJson((*catalog->Get("c")).record.settings);
}

std::shared_ptr<const index::Snapshot> Current(const std::string& dir) {
  return *(*index::Catalog::Open(dir, index::OpenMode::kRead))->Current("c");
}

TEST(NeuralBuildTest, TheFilesDoNotDependOnThreads) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", ModelLines(1, 400, 40));
  for (const uint32_t threads : {1, 3}) {
    BatchBuildOptions options = NeuralBuildOf({input});
    options.threads = threads;
    const auto built = Build(tmp.Path(absl::StrCat(threads)), options);
    ASSERT_TRUE(built.ok()) << built.status();
    EXPECT_EQ(built->documents, 400u);
    EXPECT_GT(built->passages, 400u);
    EXPECT_GT(built->passages_per_second, 0);
  }
  EXPECT_TRUE(Published(tmp.Path("1")) == Published(tmp.Path("3")));
}

TEST(NeuralBuildTest, AStoppedBuildEndsInTheSameFiles) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", ModelLines(2, 6'000, 40));
  ASSERT_TRUE(Build(tmp.Path("unbroken"), NeuralBuildOf({input})).ok());
  ASSERT_GT(Current(tmp.Path("unbroken"))->segments.size(), 1u);

  std::atomic<bool> cancel = false;
  BatchBuildOptions options = NeuralBuildOf({input});
  options.cancel = &cancel;
  options.on_progress = [&](const BuildProgress& progress) {
    if (progress.documents > 4'500) cancel = true;
  };
  const std::string dir = tmp.Path("broken");
  EXPECT_TRUE(absl::IsCancelled(Build(dir, options).status()));
  const auto resumed = Build(dir, NeuralBuildOf({input}));
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(resumed->resumed);
  EXPECT_TRUE(Published(dir) == Published(tmp.Path("unbroken")));
}

TEST(NeuralBuildTest, FrequenciesOfTokensCountTextsAndDeletedOnesAreTakenOff) {
  const IngestDirectory tmp;
  const std::string dir = tmp.Path("data");
  const std::string lines = R"({"_id": "1", "title": "blue", "text": "the bear"}
{"_id": "2", "text": "the bird"}
{"_id": "3", "text": "the bear, the bear"}
)";
  BatchBuildOptions options = NeuralBuildOf({tmp.Write("a", lines)});
  ASSERT_TRUE(Build(dir, options).ok());
  const LoadedEncoder encoder = LoadedFixture();
  const auto frequencies = [&] {
    std::map<std::string, uint64_t> found;
    const auto snapshot = Current(dir);
    for (const char* token : {"blue", "bear", "bird", "the", "boat"}) {
      found[token] = *snapshot->statistics->DocumentFrequency(TokenKey(encoder, token));
    }
    return found;
  };
  EXPECT_EQ(frequencies(), (std::map<std::string, uint64_t>{
                               {"bear", 2}, {"bird", 1}, {"blue", 1}, {"boat", 0}, {"the", 3}}));
  // The model gave tokens that stand in no text.
  EXPECT_GT(Current(dir)->segments[0].segment->terms().num_terms(), 12u);

  options = BuildOf({tmp.Write("b", R"({"_id": "1", "text": "a boat"})")});
  ASSERT_TRUE(Build(dir, options).ok());
  EXPECT_EQ(frequencies(), (std::map<std::string, uint64_t>{
                               {"bear", 1}, {"bird", 1}, {"blue", 0}, {"boat", 1}, {"the", 2}}));
}

TEST(NeuralBuildTest, DroppedTokensAreCounted) {
  const IngestDirectory tmp;
  BatchBuildOptions options =
      NeuralBuildOf({tmp.Write("in", R"({"_id": "1", "text": "bear bird bank boat"})")});
  options.adjust_settings = [adjust = options.adjust_settings](CollectionSettings& settings) {
    adjust(settings);
    settings.document.max_encoder_tokens = 5;
  };
  const auto built = Build(tmp.Path("data"), options);
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->dropped_tokens, 1u);
}

TEST(NeuralBuildTest, ACollectionIsExtendedByItsOwnModelWhereverItLies) {
  const IngestDirectory tmp;
  const std::string dir = tmp.Path("data");
  std::filesystem::copy(ModelDirectory(), tmp.Path("model"));
  const std::string input = tmp.Write("a", ModelLines(3, 50, 20));
  const auto built = Build(dir, NeuralBuildOf({input}, tmp.Path("model")));
  ASSERT_TRUE(built.ok()) << built.status();
  const std::string fingerprint = SettingsOf(dir).document.encoder_fingerprint;

  // Nothing said: the model is where it was.
  BatchBuildOptions more = BuildOf({tmp.Write("b", ModelLines(4, 5, 20))});
  ASSERT_TRUE(Build(dir, more).ok());

  std::filesystem::rename(tmp.Path("model"), tmp.Path("moved"));
  more = BuildOf({tmp.Write("c", ModelLines(5, 5, 20))});
  EXPECT_THAT(Message(Build(dir, more).status()), HasSubstr("model"));
  const auto moved = Build(dir, NeuralBuildOf(more.inputs, tmp.Path("moved")));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(SettingsOf(dir).document.encoder,
            std::filesystem::path(tmp.Path("moved")).lexically_normal().string());
  EXPECT_EQ(SettingsOf(dir).document.encoder_fingerprint, fingerprint);

  const absl::Status other =
      Build(dir, NeuralBuildOf({input}, ModelDirectory("distilbert"))).status();
  EXPECT_TRUE(absl::IsInvalidArgument(other));
  EXPECT_THAT(Message(other), HasSubstr("setting encoder_fingerprint"));
}

TEST(NeuralBuildTest, ShardsBringTheirTable) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", ModelLines(6, 100, 20));
  ASSERT_TRUE(Build(tmp.Path("whole"), NeuralBuildOf({input})).ok());
  std::vector<std::string> shards;
  for (const uint32_t shard : {0, 1}) {
    BatchBuildOptions options = NeuralBuildOf({input});
    options.shard = {shard, 2};
    shards.push_back(tmp.Path(absl::StrCat("shard", shard)));
    ASSERT_TRUE(Build(shards.back(), options).ok());
  }
  {
    const auto catalog = OpenToWrite(tmp.Path("data"));
    const auto attached = AttachShards(*catalog, "c", shards);
    ASSERT_TRUE(attached.ok()) << attached.status();
    EXPECT_EQ(attached->documents, 100u);
  }
  const CollectionSettings settings = SettingsOf(tmp.Path("data"));
  EXPECT_EQ(settings, SettingsOf(tmp.Path("whole")));
  EncoderStore store(tmp.Path("data"));
  EXPECT_TRUE(store.Table(settings.document).ok()) << store.Table(settings.document).status();
  const auto sum = Current(tmp.Path("data"))->statistics;
  const auto whole = Current(tmp.Path("whole"))->statistics;
  ASSERT_EQ(sum->keys().size(), whole->keys().size());
  for (const index::TermKey key : whole->keys()) {
    EXPECT_EQ(*sum->DocumentFrequency(key), *whole->DocumentFrequency(key));
  }
}

// Where in the bytes of a safetensors file the bias of the vocabulary begins.
size_t BiasOf(const std::string& file) {
  uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof(header));
  const auto json = nlohmann::json::parse(file.substr(sizeof(header), header));
  return sizeof(header) + header + json["cls.predictions.bias"]["data_offsets"][0].get<size_t>();
}

TEST(NeuralBuildTest, AnImplausibleModelIsRefusedUnlessVerifyingIsOff) {
  const IngestDirectory tmp;
  // Its head gives every token of the vocabulary about the same large logit.
  const std::string model = tmp.Path("model");
  std::filesystem::copy(ModelDirectory(), model);
  std::string weights = *base::ReadFile(model + "/model.safetensors");
  const size_t bias = BiasOf(weights);
  const float large = 9;
  for (size_t i = 0; i < 279; ++i) {
    weights.replace(bias + i * sizeof(float), sizeof(float), reinterpret_cast<const char*>(&large),
                    sizeof(float));
  }
  ASSERT_TRUE(base::WriteFile(model + "/model.safetensors", weights).ok());
  BatchBuildOptions options = NeuralBuildOf({tmp.Write("in", ModelLines(7, 50, 20))}, model);
  const absl::Status refused = Build(tmp.Path("data"), options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(Message(refused), HasSubstr("of the vocabulary"));
  EXPECT_THAT(Message(refused), HasSubstr("no-verify"));
  options.verify_encoder = false;
  const absl::Status taken = Build(tmp.Path("data"), options).status();
  EXPECT_TRUE(taken.ok()) << taken;
}

TEST(NeuralBuildTest, AnEncoderWithoutATableHasNoIdfOfItsOwn) {
  const IngestDirectory tmp;
  const std::string model = tmp.Path("model");
  std::filesystem::copy(ModelDirectory(), model);
  std::filesystem::remove(model + "/idf.json");
  BatchBuildOptions options = NeuralBuildOf({tmp.Write("in", ModelLines(8, 20, 20))}, model);
  EXPECT_TRUE(Build(tmp.Path("blend"), options).ok());
  options.adjust_settings = [adjust = options.adjust_settings](CollectionSettings& settings) {
    adjust(settings);
    settings.query.idf_source = IdfSource::kEncoder;
  };
  EXPECT_THAT(Message(Build(tmp.Path("data"), options).status()), HasSubstr("idf_source"));
}

}  // namespace
}  // namespace foraker::retrieval
