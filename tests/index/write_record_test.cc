#include "index/store/write_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/string_view.h"
#include "tests/index/full_documents.h"

namespace foraker::index {
namespace {

using ::testing::HasSubstr;

std::string WithChecksum(std::string body) {
  const uint32_t checksum = base::Crc32c(std::as_bytes(std::span(body)));
  for (size_t i = 0; i < sizeof(checksum); ++i) {
    body.push_back(static_cast<char>(checksum >> (8 * i)));
  }
  return body;
}

void ExpectSame(const Document& a, const Document& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.counted_namespace, b.counted_namespace);
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_EQ(a.fields[i].name, b.fields[i].name);
    EXPECT_EQ(a.fields[i].values, b.fields[i].values);
  }
  ASSERT_EQ(a.passages.size(), b.passages.size());
  for (size_t i = 0; i < a.passages.size(); ++i) {
    EXPECT_EQ(a.passages[i].vector.keys, b.passages[i].vector.keys);
    EXPECT_EQ(a.passages[i].vector.weights, b.passages[i].vector.weights);
    EXPECT_EQ(a.passages[i].vector.positions, b.passages[i].vector.positions);
    EXPECT_EQ(a.passages[i].counted, b.passages[i].counted);
    EXPECT_EQ(a.passages[i].text_begin, b.passages[i].text_begin);
    EXPECT_EQ(a.passages[i].text_end, b.passages[i].text_end);
  }
}

TEST(WriteRecordTest, APutDocumentIsReadBackWhole) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  uint64_t sequence = 1;
  for (const Document& document : FullDocuments(random, 200)) {
    PutDocument put{document, {}};
    for (const Passage& passage : document.passages) {
      for (const TermKey key : passage.vector.keys) put.names.emplace_back(key, TestTermName(key));
    }
    const auto decoded = DecodeWrite(EncodeWrite({sequence, put}));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->sequence, sequence);
    const auto& read = std::get<PutDocument>(decoded->change);
    ExpectSame(read.document, document);
    EXPECT_EQ(read.document.version, sequence);
    EXPECT_EQ(read.names, put.names);
    sequence = sequence * 3 + 1;
  }
}

TEST(WriteRecordTest, ExtremeValuesAreReadBack) {
  PutDocument put;
  Document& document = put.document;
  document.id = std::string("\0\xff id", 5);
  document.fields = {{"empty", {}},
                     {"integers", {std::numeric_limits<int64_t>::min(), int64_t{-1}}},
                     {"reals", {-0.0, std::numeric_limits<double>::infinity(), 1e-310}},
                     {"booleans", {true, false}},
                     {"times", {Timestamp{std::numeric_limits<int64_t>::max()}}},
                     {"keywords", {std::string(), std::string(100'000, 'x')}}};
  document.counted_namespace = TermNamespace::kImported;
  Passage& passage = document.passages.emplace_back();
  passage.vector.keys = {0, 1, 127, 128, uint64_t{1} << 63, UINT64_MAX};
  passage.vector.weights = {0, 1, 0xffff, 0x3c00, 2, 3};
  passage.vector.positions = {0, kNoPosition, kTitlePosition, 1, 2, 3};
  passage.counted = {UINT64_MAX};
  passage.text_end = UINT32_MAX;
  put.names = {{UINT64_MAX, ""}, {0, "zero"}};
  const auto decoded = DecodeWrite(EncodeWrite({UINT64_MAX, put}));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->sequence, UINT64_MAX);
  ExpectSame(std::get<PutDocument>(decoded->change).document, document);
}

TEST(WriteRecordTest, ADeleteIsAnIdAlone) {
  const auto decoded = DecodeWrite(EncodeWrite({7, DeleteDocument{"doc"}}));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->sequence, 7u);
  EXPECT_EQ(std::get<DeleteDocument>(decoded->change).id, "doc");
}

TEST(WriteRecordTest, EveryCutAndEveryFlippedBitIsDetected) {
  std::mt19937_64 random(4);
  const std::string bytes =
      EncodeWrite({9, PutDocument{FullDocuments(random, 1)[0], {{1, "one"}}}});
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeWrite(bytes.substr(0, length)).status())) << length;
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(absl::IsDataLoss(DecodeWrite(damaged).status())) << bit;
  }
}

TEST(WriteRecordTest, MalformedRecordsWithARightChecksumAreDetected) {
  std::mt19937_64 random(5);
  const std::string whole =
      EncodeWrite({9, PutDocument{FullDocuments(random, 1)[0], {{1, "one"}}}});
  const std::string body = whole.substr(0, whole.size() - 4);
  for (size_t length = 1; length < body.size(); ++length) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeWrite(WithChecksum(body.substr(0, length))).status()));
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeWrite(WithChecksum(body + "x")).status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeWrite(WithChecksum("\1\1\3")).status()));  // no such kind
  const absl::Status newer = DecodeWrite(WithChecksum("\2 and more")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(newer));
  EXPECT_THAT(std::string(base::ToStd(newer.message())), HasSubstr("version 2"));
}

}  // namespace
}  // namespace foraker::index
