// Bytes, lines and documents of an input.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/string_view.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/ingest/field_schema.h"
#include "retrieval/ingest/line_reader.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

struct ReadLines {
  std::vector<std::string> texts;  // "FILE:LINE text"
  InputPosition end;
  absl::Status status;
};

ReadLines ReadAll(LineReader& reader, size_t batch_bytes) {
  ReadLines all;
  while (true) {
    const auto batch = reader.Next(batch_bytes);
    all.status = batch.status();
    if (!batch.ok() || !batch->has_value()) return all;
    for (const Line& line : (*batch)->lines) {
      all.texts.push_back(absl::StrCat(line.file, ":", line.number, " ",
                                       line.too_long ? "too long" : base::ToAbsl(line.text)));
    }
    all.end = (*batch)->end;
  }
}

TEST(LineReaderTest, ReadsPlainGzipAndZstdFilesWhateverTheBatchSize) {
  const IngestDirectory tmp;
  const std::vector<std::string> inputs = {
      tmp.Write("plain", "\xef\xbb\xbfone\r\n\ntwo"), tmp.WriteGzip("b.gz", "three\n  \nfour\n"),
      tmp.Write("c.zst", Zstd("five\nsix") + Zstd("teen\n")), tmp.Write("empty", "")};
  for (const size_t batch_bytes : {1, 2, 3, 7, 1000}) {
    LineReader reader(inputs);
    const ReadLines read = ReadAll(reader, batch_bytes);
    EXPECT_TRUE(read.status.ok()) << read.status;
    EXPECT_THAT(read.texts, ElementsAre("0:1 one", "0:3 two", "1:1 three", "1:3 four", "2:1 five",
                                        "2:2 sixteen"));
    EXPECT_EQ(read.end.lines, 8u);
  }
}

TEST(LineReaderTest, SkipsToAPositionAndBringsBackTheLinesThatAreWanted) {
  const IngestDirectory tmp;
  const std::string input = tmp.WriteGzip("a.gz", "1\n2\n3\n4\n5\n6\n");
  LineReader first({input});
  const auto batch = first.Next(1000);
  const InputPosition after_four = (*batch)->lines[3].end;
  LineReader second({input});
  second.SkipTo(after_four, {2, 4});
  EXPECT_THAT(ReadAll(second, 3).texts, ElementsAre("0:2 2", "0:4 4", "0:5 5", "0:6 6"));

  LineReader other({tmp.Write("b", "1\n2\n3\nX\n5\n6\n")});
  other.SkipTo(after_four, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadAll(other, 3).status));
  LineReader shorter({tmp.Write("c", "1\n2\n3\n")});
  shorter.SkipTo(after_four, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadAll(shorter, 3).status));
}

TEST(LineReaderTest, ALineBeyondTheLimitIsReportedAndTheNextOneIsRead) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write(
      "a", std::string(kMaxLineBytes + 5, 'x') + "\nnext\n" + std::string(kMaxLineBytes, 'y'));
  LineReader reader({input});
  const ReadLines read = ReadAll(reader, size_t{1} << 20);
  ASSERT_EQ(read.texts.size(), 3u) << read.status;
  EXPECT_EQ(read.texts[0], "0:1 too long");
  EXPECT_EQ(read.texts[1], "0:2 next");
  EXPECT_EQ(read.texts[2].size(), kMaxLineBytes + 4);
}

TEST(LineReaderTest, ABrokenCompressedStreamIsAnErrorThatNamesFileAndPlace) {
  const IngestDirectory tmp;
  std::string text;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&text, i, "\n");
  const std::string gzip = tmp.WriteGzip("a.gz", text);
  const std::string whole = *base::ReadFile(gzip);
  LineReader cut({tmp.Write("cut.gz", whole.substr(0, whole.size() / 2))});
  const absl::Status status = ReadAll(cut, 1000).status;
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr("cut.gz"));
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0xff);
  LineReader bad({tmp.Write("bad.gz", damaged)});
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(bad, 1000).status));
  LineReader zstd({tmp.Write("cut.zst", Zstd(text).substr(0, 500))});
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(zstd, 1000).status));
  LineReader missing({tmp.Path("none")});
  EXPECT_TRUE(absl::IsNotFound(ReadAll(missing, 1000).status));
}

absl::StatusOr<index::Document> Parse(std::string_view json, InputKind kind = InputKind::kText,
                                      bool drop_small_weights = false) {
  DocumentParser parser(kind, drop_small_weights);
  std::string padded(json);
  padded.resize(json.size() + LineBatch::kPaddingBytes);
  return parser.Parse(std::string_view(padded).substr(0, json.size()), nullptr);
}

std::string ErrorOf(std::string_view json, InputKind kind = InputKind::kText) {
  const absl::Status status = Parse(json, kind).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json;
  return std::string(base::ToStd(status.message()));
}

TEST(DocumentParserTest, ReadsIdTitleTextAndTypedFields) {
  const auto document = Parse(
      R"({"_id": "d1", "title": "T\u00e9", "text": null, "n": 3, "r": 2.5, "b": true, "none": null,
          "tags": ["x", "y", null], "mixed": [1, 2.5], "metadata": {"url": "u", "year": 7}})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->id, "d1");
  EXPECT_EQ(document->title, "T\xc3\xa9");
  EXPECT_EQ(document->text, "");
  ASSERT_EQ(document->fields.size(), 7u);
  EXPECT_THAT(document->fields[0].values, ElementsAre(index::FieldValue(int64_t{3})));
  EXPECT_THAT(document->fields[1].values, ElementsAre(index::FieldValue(2.5)));
  EXPECT_THAT(document->fields[2].values, ElementsAre(index::FieldValue(true)));
  EXPECT_THAT(document->fields[3].values, ElementsAre(index::FieldValue(std::string("x")),
                                                      index::FieldValue(std::string("y"))));
  EXPECT_THAT(document->fields[4].values,
              ElementsAre(index::FieldValue(1.0), index::FieldValue(2.5)));
  EXPECT_EQ(document->fields[5].name, "url");
  EXPECT_EQ(document->fields[6].name, "year");
  EXPECT_EQ(Parse(R"({"_id": -7})")->id, "-7");
}

TEST(DocumentParserTest, SaysWhatWasExpected) {
  EXPECT_THAT(ErrorOf("{"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(ErrorOf("[1]"), HasSubstr("got an array"));
  EXPECT_THAT(ErrorOf("\"\xff\""), HasSubstr("UTF"));
  EXPECT_THAT(ErrorOf(R"({"text": "x"})"), HasSubstr("\"_id\""));
  EXPECT_THAT(ErrorOf(R"({"_id": ""})"), HasSubstr("1 to 512 bytes"));
  EXPECT_THAT(ErrorOf(absl::StrCat(R"({"_id": ")", std::string(513, 'x'), "\"}")),
              HasSubstr("got 513"));
  EXPECT_TRUE(Parse(absl::StrCat(R"({"_id": ")", std::string(512, 'x'), "\"}")).ok());
  EXPECT_THAT(ErrorOf(R"({"_id": true})"), HasSubstr("a string"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "_id": "b"})"), HasSubstr("two ids"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "text": 5})"), HasSubstr("\"text\""));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "place": {"x": 1}})"), HasSubstr("got an object"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "metadata": {"x": {}}})"), HasSubstr("\"x\""));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "x": 1, "metadata": {"x": 2}})"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "x": [[1]]})"), HasSubstr("got an array"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "x": 9223372036854775808})"), HasSubstr("64 bits"));
  EXPECT_THAT(ErrorOf(R"({"_id": "a", "": 1})"), HasSubstr("field names"));
}

TEST(DocumentParserTest, ReadsVectorsSortedByKeyWithBinary16Weights) {
  const auto document = Parse(R"({"id": "v", "vector": {"cat": 1.5, "dog": 0.1}, "text": "abc"})",
                              InputKind::kVectors);
  ASSERT_TRUE(document.ok()) << document.status();
  ASSERT_EQ(document->passages.size(), 1u);
  const index::Passage& passage = document->passages[0];
  EXPECT_EQ(passage.text_end, 3u);
  ASSERT_EQ(passage.vector.keys.size(), 2u);
  EXPECT_LT(passage.vector.keys[0], passage.vector.keys[1]);
  EXPECT_TRUE(index::Validate(passage.vector.view()).ok());
  const bool cat_first =
      passage.vector.keys[0] == index::HashedTermKey(index::TermNamespace::kImported, "cat");
  EXPECT_EQ(passage.vector.weights[cat_first ? 0 : 1], base::FloatToFloat16(1.5f));
  EXPECT_TRUE(passage.vector.positions.empty());
  EXPECT_TRUE(Parse(R"({"id": "v", "vector": {}})", InputKind::kVectors).ok());
}

TEST(DocumentParserTest, ReadsTheWordsThatWeightsCameFrom) {
  const auto document = Parse(
      R"({"id": "v", "positions": {"a": [7, 9], "b": "title", "far": [70000, 70001], "x": [0, 1]},)"
      R"( "vector": {"a": 1, "b": 1, "far": 1, "none": 1}})",
      InputKind::kVectors);
  ASSERT_TRUE(document.ok()) << document.status();
  const index::SparseVector& vector = document->passages[0].vector;
  EXPECT_TRUE(index::Validate(vector.view()).ok());
  const auto position = [&](std::string_view token) {
    const auto key = index::HashedTermKey(index::TermNamespace::kImported, token);
    const auto at = std::find(vector.keys.begin(), vector.keys.end(), key) - vector.keys.begin();
    return vector.positions.at(static_cast<size_t>(at));
  };
  EXPECT_EQ(position("a"), 7);
  EXPECT_EQ(position("b"), index::kTitlePosition);
  EXPECT_EQ(position("far"), index::kNoPosition);
  EXPECT_EQ(position("none"), index::kNoPosition);
  for (const char* bad : {"[1]", "[2, 2]", "[-1, 2]", "3", "\"text\"", "[1, 2, 3]", "{}"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat(R"({"id": "v", "vector": {}, "positions": {"a": )", bad, "}}"),
                        InputKind::kVectors),
                HasSubstr("[begin, end]"))
        << bad;
  }
}

TEST(DocumentParserTest, RefusesVectorsThatCannotBeStored) {
  const auto error = [](std::string_view json) { return ErrorOf(json, InputKind::kVectors); };
  EXPECT_THAT(error(R"({"id": "v"})"), HasSubstr("\"vector\""));
  EXPECT_THAT(error(R"({"id": "v", "vector": [1]})"), HasSubstr("got an array"));
  EXPECT_THAT(error(R"({"id": "v", "vector": {"a": "1"}})"), HasSubstr("a number"));
  EXPECT_THAT(error(R"({"id": "v", "vector": {"a": 1, "b": 2, "a": 3}})"), HasSubstr("twice"));
  EXPECT_THAT(error(R"({"id": "v", "vector": {"": 1}})"), HasSubstr("token"));
  for (const char* weight : {"0", "-1", "6e-5", "65530", "1e300", "-1e300"}) {
    EXPECT_THAT(error(absl::StrCat(R"({"id": "v", "vector": {"a": )", weight, "}}")),
                HasSubstr("2^-14 to 65504"))
        << weight;
  }
  for (const char* weight : {"6.103515625e-05", "65504", "1"}) {
    EXPECT_TRUE(
        Parse(absl::StrCat(R"({"id": "v", "vector": {"a": )", weight, "}}"), InputKind::kVectors)
            .ok())
        << weight;
  }
}

TEST(DocumentParserTest, LeavesSmallWeightsOutWhenAskedTo) {
  const auto document = Parse(R"({"id": "v", "vector": {"a": 1e-9, "b": 0, "c": 1}})",
                              InputKind::kVectors, /*drop_small_weights=*/true);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->passages[0].vector.keys.size(), 1u);
  EXPECT_FALSE(Parse(R"({"id": "v", "vector": {"a": -1}})", InputKind::kVectors, true).ok());
}

TEST(DocumentParserTest, NeverCrashesOnDamagedLines) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const std::string line =
      R"({"_id": "d1", "title": "T\u00e9", "text": "x", "n": [1, 2.5], "metadata": {"u": "v"},)"
      R"( "vector": {"a": 1, "b": 0.5}})";
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = line;
    for (size_t flips = random() % 4; flips > 0; --flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    damaged.resize(random() % (damaged.size() + 1));
    Parse(damaged, round % 2 == 0 ? InputKind::kText : InputKind::kVectors).status().IgnoreError();
  }
}

index::Document WithField(std::string name, std::vector<index::FieldValue> values) {
  index::Document document;
  document.fields.push_back({std::move(name), std::move(values)});
  return document;
}

TEST(FieldSchemaTest, TheFirstValueFixesTheTypeAndOnlyHarmlessConversionsAreMade) {
  FieldSchema schema;
  auto real = WithField("x", {2.5});
  ASSERT_TRUE(schema.Conform(real).ok());
  auto integer = WithField("x", {int64_t{2}});
  ASSERT_TRUE(schema.Conform(integer).ok());
  EXPECT_EQ(integer.fields[0].values[0], index::FieldValue(2.0));
  auto keyword = WithField("x", {std::string("2")});
  EXPECT_THAT(std::string(base::ToStd(schema.Conform(keyword).message())),
              HasSubstr("field x: expected real, got keyword"));

  auto year = WithField("year", {int64_t{1999}});
  ASSERT_TRUE(schema.Conform(year).ok());
  auto fraction = WithField("year", {1999.5});
  EXPECT_TRUE(absl::IsInvalidArgument(schema.Conform(fraction)));
}

TEST(FieldSchemaTest, ARefusedDocumentFixesNothing) {
  FieldSchema schema;
  ASSERT_TRUE(schema.Declare("n", index::FieldType::kInteger).ok());
  auto document = WithField("fresh", {true});
  document.fields.push_back({"n", {std::string("no")}});
  EXPECT_TRUE(absl::IsInvalidArgument(schema.Conform(document)));
  EXPECT_FALSE(schema.types().contains("fresh"));
}

TEST(FieldSchemaTest, TimestampsAreDeclaredAndWrittenAsRfc3339) {
  FieldSchema schema;
  ASSERT_TRUE(schema.Declare("at", index::FieldType::kTimestamp).ok());
  auto utc = WithField("at", {std::string("1970-01-01T00:00:01.5Z")});
  ASSERT_TRUE(schema.Conform(utc).ok());
  EXPECT_EQ(utc.fields[0].values[0], index::FieldValue(index::Timestamp{1'500'000}));
  auto zone = WithField("at", {std::string("1970-01-01T01:00:00+01:00")});
  ASSERT_TRUE(schema.Conform(zone).ok());
  EXPECT_EQ(zone.fields[0].values[0], index::FieldValue(index::Timestamp{0}));
  for (const char* wrong :
       {"", "yesterday", "infinite-future", "1970-01-01", "1970-13-01T00:00:00Z"}) {
    auto document = WithField("at", {std::string(wrong)});
    EXPECT_TRUE(absl::IsInvalidArgument(schema.Conform(document))) << wrong;
  }
  auto number = WithField("at", {int64_t{5}});
  EXPECT_TRUE(absl::IsInvalidArgument(schema.Conform(number)));
  EXPECT_TRUE(absl::IsInvalidArgument(schema.Declare("at", index::FieldType::kKeyword)));
}

}  // namespace
}  // namespace foraker::retrieval
