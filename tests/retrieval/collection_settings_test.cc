#include <gtest/gtest.h>

#include "retrieval/settings.h"

namespace foraker::retrieval {
namespace {

TEST(CollectionSettings, WhatIsWrittenReadsBackTheSame) {
  CollectionSettings settings = DefaultSettings("/models/encoder");
  settings.document.encoder_fingerprint = "0123456789abcdef";
  settings.document.encoder_idf = "/models/idf.json";
  settings.document.precision = EncoderPrecision::kInt8;
  settings.document.max_encoder_tokens = 128;
  settings.document.learned_share = 0.9f;
  settings.document.stems = false;
  settings.query.idf = IdfMode::kManual;
  settings.query.idf_source = IdfSource::kCollection;
  settings.query.query_encoding = QueryEncoding::kEncoder;
  const auto again = CollectionSettings::FromJson(settings.ToJson());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, settings);
}

TEST(CollectionSettings, MissingMembersAreTheDefaults) {
  const auto settings = CollectionSettings::FromJson(R"({"document": {}, "query": {}})");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(*settings, CollectionSettings());
}

TEST(CollectionSettings, WhatNamesNeitherABuiltInNorVectorsIsNeural) {
  EXPECT_FALSE(IsNeural(DefaultSettings("bm25").document));
  EXPECT_FALSE(IsNeural(DefaultSettings("vectors").document));
  EXPECT_TRUE(IsNeural(DefaultSettings("/models/encoder").document));
}

TEST(CollectionSettings, ValuesOutOfRangeAreRefusedByName) {
  const struct {
    const char* json;
    const char* setting;
  } cases[] = {
      {R"({"document": {"encoder": ""}})", "document.encoder"},
      {R"({"document": {"precision": "bf16"}})", "document.precision"},
      {R"({"document": {"max_encoder_tokens": 2}})", "document.max_encoder_tokens"},
      {R"({"document": {"learned_share": 0}})", "document.learned_share"},
      {R"({"document": {"learned_share": 1.5}})", "document.learned_share"},
      {R"({"document": {"stems": false}})", "document.stems"},
      {R"({"document": {"stems": 1}})", "document.stems"},
      {R"({"query": {"idf_source": "both"}})", "query.idf_source"},
      {R"({"query": {"query_encoding": 3}})", "query.query_encoding"},
      {R"({"query": {"colour": 3}})", "query.colour"},
  };
  for (const auto& c : cases) {
    const absl::Status status = CollectionSettings::FromJson(c.json).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.json;
    EXPECT_NE(std::string(status.message()).find(c.setting), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace foraker::retrieval
