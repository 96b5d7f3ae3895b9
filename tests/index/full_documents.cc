#include "tests/index/full_documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"

namespace foraker::index {
namespace {

std::string RandomText(std::mt19937_64& random, size_t words) {
  static constexpr const char* kWords[] = {"spark", "lantern", "größe", "日本語",
                                           "of",    "the",     "\n"};
  std::string text;
  for (size_t i = 0; i < words; ++i) {
    text += kWords[random() % std::size(kWords)];
    text += i % 7 == 6 ? std::to_string(random()) : " ";
  }
  return text;
}

SparseVector RandomVector(std::mt19937_64& random) {
  std::map<TermKey, base::Float16Bits> terms;
  const size_t count = random() % 12;
  for (size_t i = 0; i < count; ++i) {
    const TermKey key = NumberedTermKey(TermNamespace::kStem, (random() % 60) * 0x9e3779b97f4a7u);
    const float weight = static_cast<float>(random() % 1000 + 1) / 100.0f;
    terms[key] = base::FloatToFloat16(weight);
  }
  SparseVector vector;
  const bool with_positions = random() % 3 != 0;
  for (const auto& [key, weight] : terms) {
    vector.keys.push_back(key);
    vector.weights.push_back(weight);
    if (with_positions) vector.positions.push_back(static_cast<Position>(random()));
  }
  return vector;
}

std::vector<TermKey> RandomCounted(std::mt19937_64& random) {
  std::set<TermKey> keys;
  const size_t count = random() % 10;
  for (size_t i = 0; i < count; ++i) {
    keys.insert(NumberedTermKey(TermNamespace::kWordPiece, random() % 300));
  }
  return {keys.begin(), keys.end()};
}

FieldValue RandomValue(std::mt19937_64& random, FieldType type) {
  switch (type) {
    case FieldType::kKeyword:
      return absl::StrCat(std::string(random() % 4, 'k'), random() % 5);
    case FieldType::kInteger:
      return static_cast<int64_t>(random() % 3 == 0 ? random() : random() % 7) - 3;
    case FieldType::kReal:
      return static_cast<double>(static_cast<int64_t>(random() % 41) - 20) / 4;
    case FieldType::kBoolean:
      return random() % 2 == 0;
    case FieldType::kTimestamp:
      return Timestamp{static_cast<int64_t>(random() % 1000) - 500};
  }
  return int64_t{0};
}

std::vector<Field> RandomFields(std::mt19937_64& random) {
  std::vector<Field> fields;
  for (int i = 0; i < 8; ++i) {
    if (random() % 3 == 0) continue;
    const auto type = static_cast<FieldType>(i % 5 + 1);
    Field& field = fields.emplace_back();
    field.name = absl::StrCat("field_", i);
    const size_t values = i < 5 ? 1 : random() % 4;  // the last three are repeated
    for (size_t v = 0; v < values; ++v) field.values.push_back(RandomValue(random, type));
  }
  return fields;
}

}  // namespace

std::vector<Document> FullDocuments(std::mt19937_64& random, size_t count) {
  std::vector<Document> documents(count);
  for (size_t i = 0; i < count; ++i) {
    Document& document = documents[i];
    document.id = absl::StrCat(i * 7919 % 100'003, std::string(random() % 9, '-'));
    document.version = random();
    if (random() % 4 != 0) document.title = RandomText(random, random() % 5);
    if (random() % 8 != 0) document.text = RandomText(random, random() % 200);
    document.fields = RandomFields(random);
    document.counted_namespace = TermNamespace::kWordPiece;
    document.passages.resize(random() % 4);
    for (Passage& passage : document.passages) {
      passage.vector = RandomVector(random);
      passage.counted = RandomCounted(random);
      passage.text_begin = static_cast<uint32_t>(random() % (document.text.size() + 1));
      passage.text_end =
          passage.text_begin +
          static_cast<uint32_t>(random() % (document.text.size() - passage.text_begin + 1));
    }
  }
  return documents;
}

std::string TestTermName(TermKey key) { return absl::StrCat("t", key % 1'000'003); }

void AddDocuments(const std::vector<Document>& documents, SegmentWriter& writer) {
  for (const Document& document : documents) {
    for (const Passage& passage : document.passages) {
      for (const TermKey key : passage.vector.keys) {
        if (key % 2 == 0 && !writer.HasName(key)) writer.Name(key, TestTermName(key));
      }
    }
    const absl::Status added = writer.Add(document);
    ASSERT_TRUE(added.ok()) << added;
  }
}

void WriteSegment(const std::string& path, const std::vector<Document>& documents) {
  auto writer = SegmentWriter::Create(path);
  ASSERT_TRUE(writer.ok()) << writer.status();
  AddDocuments(documents, **writer);
  const absl::Status finished = (*writer)->Finish();
  ASSERT_TRUE(finished.ok()) << finished;
}

std::shared_ptr<const Segment> OpenFile(const std::string& path,
                                        const std::vector<Document>& documents) {
  WriteSegment(path, documents);
  auto segment = Segment::Open(path);
  EXPECT_TRUE(segment.ok()) << segment.status();
  return segment.ok() ? *std::move(segment) : nullptr;
}

std::shared_ptr<const Segment> OpenInMemory(const std::vector<Document>& documents) {
  auto writer = SegmentWriter::CreateInMemory();
  EXPECT_TRUE(writer.ok()) << writer.status();
  if (!writer.ok()) return nullptr;
  AddDocuments(documents, **writer);
  auto segment = (*writer)->FinishInMemory("segment in memory");
  EXPECT_TRUE(segment.ok()) << segment.status();
  return segment.ok() ? *std::move(segment) : nullptr;
}

Document StoredForm(Document document) {
  std::erase_if(document.fields, [](const Field& field) { return field.values.empty(); });
  std::sort(document.fields.begin(), document.fields.end(),
            [](const Field& a, const Field& b) { return a.name < b.name; });
  for (Passage& passage : document.passages) {
    std::vector<Position>& positions = passage.vector.positions;
    if (std::count(positions.begin(), positions.end(), kNoPosition) ==
        static_cast<ptrdiff_t>(positions.size())) {
      positions.clear();
    }
  }
  return document;
}

void ExpectSameDocument(const Document& actual, const Document& expected) {
  SCOPED_TRACE(expected.id);
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.version, expected.version);
  EXPECT_EQ(actual.title, expected.title);
  EXPECT_EQ(actual.text, expected.text);
  EXPECT_EQ(actual.counted_namespace, expected.counted_namespace);
  ASSERT_EQ(actual.fields.size(), expected.fields.size());
  for (size_t i = 0; i < expected.fields.size(); ++i) {
    EXPECT_EQ(actual.fields[i].name, expected.fields[i].name);
    EXPECT_TRUE(actual.fields[i].values == expected.fields[i].values) << expected.fields[i].name;
  }
  ASSERT_EQ(actual.passages.size(), expected.passages.size());
  for (size_t i = 0; i < expected.passages.size(); ++i) {
    const Passage& passage = actual.passages[i];
    const Passage& other = expected.passages[i];
    EXPECT_EQ(passage.vector.keys, other.vector.keys);
    EXPECT_EQ(passage.vector.weights, other.vector.weights);
    EXPECT_EQ(passage.vector.positions, other.vector.positions);
    EXPECT_EQ(passage.counted, other.counted);
    EXPECT_EQ(passage.text_begin, other.text_begin);
    EXPECT_EQ(passage.text_end, other.text_end);
  }
}

}  // namespace foraker::index
