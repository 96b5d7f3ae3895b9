#include "retrieval/encoder_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tests/retrieval/ingest_inputs.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

namespace fs = std::filesystem;

TEST(EncoderStoreTest, AdoptingFillsTheSettingsAndKeepsTheTable) {
  const IngestDirectory tmp;
  EncoderStore store(tmp.Path("data"));
  DocumentSide settings = ModelSettings();
  settings.precision = EncoderPrecision::kAuto;
  const absl::Status adopted = store.Adopt(settings);
  ASSERT_TRUE(adopted.ok()) << adopted;
  EXPECT_TRUE(fs::path(settings.encoder).is_absolute());
  EXPECT_EQ(settings.precision, model::Supports(model::Precision::kInt8) ? EncoderPrecision::kInt8
                                                                         : EncoderPrecision::kF32);
  const LoadedEncoder loaded = LoadedFixture();
  EXPECT_EQ(settings.encoder_fingerprint,
            loaded.model->Fingerprint() + "-" + loaded.table->Fingerprint());

  // What the queries need no longer hangs on the model's directory.
  settings.encoder = tmp.Path("gone");
  EncoderStore reader(tmp.Path("data"));
  const auto table = reader.Table(settings);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->Fingerprint(), loaded.table->Fingerprint());
  EXPECT_EQ((*table)->weights().size(), loaded.table->weights().size());
  EXPECT_EQ(*reader.Table(settings), *table);  // shared
}

TEST(EncoderStoreTest, AnotherTableIsAnotherFingerprint) {
  const IngestDirectory tmp;
  EncoderStore store(tmp.Path("data"));
  DocumentSide own = ModelSettings();
  DocumentSide other = own;
  other.encoder_idf = tmp.Write("idf.json", R"({"bear": 2.5})");
  ASSERT_TRUE(store.Adopt(own).ok());
  ASSERT_TRUE(store.Adopt(other).ok());
  EXPECT_NE(own.encoder_fingerprint, other.encoder_fingerprint);
  const auto table = store.Table(other);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->weights()[*(*table)->tokenizer().IdOf("bear")], 2.5f);
}

TEST(EncoderStoreTest, AModelMayMoveButNotBecomeAnother) {
  const IngestDirectory tmp;
  EncoderStore store(tmp.Path("data"));
  DocumentSide settings = ModelSettings();
  ASSERT_TRUE(store.Adopt(settings).ok());
  EXPECT_EQ(*store.Model(settings), *store.Model(settings));  // shared

  EncoderStore later(tmp.Path("data"));
  fs::copy(ModelDirectory("bert"), tmp.Path("moved"));
  settings.encoder = tmp.Path("moved");
  EXPECT_TRUE(later.Model(settings).ok()) << later.Model(settings).status();
  EncoderStore last(tmp.Path("data"));
  settings.encoder = ModelDirectory("distilbert");
  EXPECT_TRUE(absl::IsFailedPrecondition(last.Model(settings).status()));
}

TEST(EncoderStoreTest, ADamagedTableIsFound) {
  const IngestDirectory tmp;
  DocumentSide settings = ModelSettings();
  ASSERT_TRUE(EncoderStore(tmp.Path("data")).Adopt(settings).ok());
  const std::string path =
      tmp.Path("data") + "/encoders/" + settings.encoder_fingerprint + "/idf.json";
  std::string json = *base::ReadFile(path);
  json.replace(json.find(": ") + 2, 1, "9");
  ASSERT_TRUE(base::WriteFile(path, json).ok());
  const absl::Status status = EncoderStore(tmp.Path("data")).Table(settings).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find("encoders"), std::string::npos) << status;
}

TEST(EncoderStoreTest, TablesAreCopiedFromOtherDataDirectories) {
  const IngestDirectory tmp;
  DocumentSide settings = ModelSettings();
  ASSERT_TRUE(EncoderStore(tmp.Path("from")).Adopt(settings).ok());
  EncoderStore to(tmp.Path("to"));
  EXPECT_FALSE(to.Table(settings).ok());
  const absl::Status copied = to.CopyTable(tmp.Path("from"), settings);
  ASSERT_TRUE(copied.ok()) << copied;
  EXPECT_TRUE(to.Table(settings).ok()) << to.Table(settings).status();
  EXPECT_TRUE(to.CopyTable(tmp.Path("from"), settings).ok());  // again
  EXPECT_FALSE(EncoderStore(tmp.Path("other")).CopyTable(tmp.Path("none"), settings).ok());
}

TEST(EncoderStoreTest, WhatIsNoModelIsNamed) {
  const IngestDirectory tmp;
  DocumentSide settings = ModelSettings();
  settings.encoder = "bm52";
  const absl::Status status = EncoderStore(tmp.Path("data")).Adopt(settings);
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_NE(std::string(status.message()).find("bm52"), std::string::npos) << status;
  settings.encoder = "bm25";
  EXPECT_TRUE(EncoderStore(tmp.Path("data")).Adopt(settings).ok());
}

}  // namespace
}  // namespace foraker::retrieval
