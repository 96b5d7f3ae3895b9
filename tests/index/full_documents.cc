#include "tests/index/full_documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "index/segment/segment_writer.h"

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

void WriteSegment(const std::string& path, const std::vector<Document>& documents) {
  auto writer = SegmentWriter::Create(path);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (const Document& document : documents) {
    for (const Passage& passage : document.passages) {
      for (const TermKey key : passage.vector.keys) {
        if (key % 2 == 0 && !(*writer)->HasName(key)) (*writer)->Name(key, TestTermName(key));
      }
    }
    const absl::Status added = (*writer)->Add(document);
    ASSERT_TRUE(added.ok()) << added;
  }
  const absl::Status finished = (*writer)->Finish();
  ASSERT_TRUE(finished.ok()) << finished;
}

}  // namespace foraker::index
