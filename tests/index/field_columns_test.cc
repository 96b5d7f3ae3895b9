#include "index/segment/field_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "base/string_view.h"
#include "index/segment/document_bits.h"
#include "index/segment/segment.h"
#include "index/segment/segment_writer.h"
#include "tests/index/full_documents.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The documents of a segment by ordinal, and what conditions mean, plainly.
class FieldColumnsTest : public ::testing::Test {
 protected:
  void Write(const std::vector<Document>& documents) {
    WriteSegment(dir_.File("a.seg"), documents);
    segment_ = *Segment::Open(dir_.File("a.seg"));
    by_ordinal_.resize(documents.size());
    for (const Document& document : documents) {
      by_ordinal_[**segment_->FindId(document.id)] = document;
    }
  }

  const FieldColumns& columns() const { return segment_->fields(); }

  std::vector<FieldValue> Values(DocId document, const std::string& name) const {
    for (const Field& field : by_ordinal_[document].fields) {
      if (field.name == name) return field.values;
    }
    return {};
  }

  DocumentSet Where(const std::string& field,
                    const std::function<bool(const FieldValue&)>& condition) const {
    DocumentSet found;
    for (DocId document = 0; document < by_ordinal_.size(); ++document) {
      const std::vector<FieldValue> values = Values(document, field);
      if (std::any_of(values.begin(), values.end(), condition)) found.add(document);
    }
    return found;
  }

  FieldValue AnyValue(std::mt19937_64& random, const std::string& field) const {
    while (true) {
      const auto document = static_cast<DocId>(random() % by_ordinal_.size());
      const std::vector<FieldValue> values = Values(document, field);
      if (!values.empty()) return values[random() % values.size()];
    }
  }

  TemporaryDirectory dir_;
  std::shared_ptr<const Segment> segment_;
  std::vector<Document> by_ordinal_;
};

Document WithField(int i, std::string name, std::vector<FieldValue> values) {
  Document document;
  document.id = std::to_string(i);
  document.fields = {{std::move(name), std::move(values)}};
  return document;
}

TEST_F(FieldColumnsTest, ConditionsFindWhatAPlainScanFinds) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Write(FullDocuments(random, 100 + random() % 900));
    for (const FieldInfo& info : columns().schema()) {
      SCOPED_TRACE(info.name);
      EXPECT_EQ(*columns().Exists(info.name), Where(info.name, [](auto&) { return true; }));
      for (int i = 0; i < 8; ++i) {
        std::vector<FieldValue> wanted;
        for (size_t v = random() % 4; v-- > 0;) wanted.push_back(AnyValue(random, info.name));
        EXPECT_EQ(*columns().In(info.name, wanted), Where(info.name, [&](const FieldValue& value) {
          return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
        }));
        FieldRange range;
        if (random() % 4 != 0) range.low = AnyValue(random, info.name);
        if (random() % 4 != 0) range.high = AnyValue(random, info.name);
        range.low_inclusive = random() % 2 == 0;
        range.high_inclusive = random() % 2 == 0;
        EXPECT_EQ(*columns().InRange(info.name, range),
                  Where(info.name, [&](const FieldValue& value) {
                    if (range.low &&
                        (value < *range.low || (value == *range.low && !range.low_inclusive))) {
                      return false;
                    }
                    return !range.high || value < *range.high ||
                           (value == *range.high && range.high_inclusive);
                  }));
      }
    }
  }
}

TEST_F(FieldColumnsTest, EachDocumentIsCountedOnceAValue) {
  std::mt19937_64 random(11);
  Write(FullDocuments(random, 500));
  DocumentSet among;
  for (DocId document = 0; document < 500; ++document) {
    if (random() % 3 != 0) among.add(document);
  }
  among.add(100'000);  // no document of this segment
  for (const FieldInfo& info : columns().schema()) {
    std::map<FieldValue, uint64_t> expected;
    for (DocId document = 0; document < 500; ++document) {
      if (!among.contains(document)) continue;
      std::vector<FieldValue> values = Values(document, info.name);
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      for (const FieldValue& value : values) ++expected[value];
    }
    std::map<FieldValue, uint64_t> counted;
    ASSERT_TRUE(columns()
                    .CountValues(info.name, among,
                                 [&](const FieldValue& value, uint64_t count) {
                                   EXPECT_TRUE(counted.emplace(value, count).second);
                                 })
                    .ok());
    EXPECT_EQ(counted, expected) << info.name;
  }
}

TEST_F(FieldColumnsTest, CodesWidenWithTheNumberOfValues) {
  for (int distinct : {1, 255, 256, 65'535, 65'536}) {
    SCOPED_TRACE(distinct);
    std::vector<Document> documents;
    for (int i = 0; i < distinct; ++i) {
      documents.push_back(WithField(i, "n", {int64_t{i} * 3}));
    }
    Write(documents);
    ASSERT_TRUE(columns().Verify().ok());
    for (int i : {0, 1, distinct / 2, distinct - 1}) {
      if (i >= distinct) continue;
      const std::vector<FieldValue> value = {int64_t{i} * 3};
      EXPECT_EQ(columns().In("n", value)->cardinality(), 1u) << i;
      const std::vector<FieldValue> two = {int64_t{i} * 3, int64_t{distinct - 1} * 3};
      EXPECT_EQ(columns().In("n", two)->cardinality(), i == distinct - 1 ? 1u : 2u) << i;
      EXPECT_EQ(columns().InRange("n", {.low = int64_t{i} * 3})->cardinality(),
                static_cast<uint64_t>(distinct - i));
    }
  }
}

TEST_F(FieldColumnsTest, NumbersAreOrderedAsNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  Write({WithField(0, "r", {-infinity}), WithField(1, "r", {-1.5}), WithField(2, "r", {-0.0}),
         WithField(3, "r", {0.0}), WithField(4, "r", {1e-300}), WithField(5, "r", {infinity})});
  const auto ids = [&](const FieldRange& range) {
    std::vector<std::string> found;
    const DocumentSet documents = *columns().InRange("r", range);
    for (const uint32_t document : documents) found.push_back(by_ordinal_[document].id);
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_THAT(ids({.high = 0.0, .high_inclusive = false}), ElementsAre("0", "1"));
  EXPECT_THAT(ids({.low = -0.0, .high = 0.0}), ElementsAre("2", "3"));
  EXPECT_THAT(ids({.low = 0.0, .low_inclusive = false}), ElementsAre("4", "5"));
  EXPECT_THAT(ids({.low = 1.0, .high = -1.0}), ElementsAre());
}

TEST_F(FieldColumnsTest, AConditionOfAnotherTypeIsRefusedByName) {
  Write({WithField(0, "year", {int64_t{1999}})});
  const std::vector<FieldValue> keyword = {std::string("1999")};
  for (const absl::Status& status :
       {columns().In("year", keyword).status(), columns().InRange("year", {.low = 1999.0}).status(),
        columns().InRange("year", {.high = Timestamp{1999}}).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(base::ToStd(status.message()), HasSubstr("field 'year' is of type integer"));
  }
}

TEST_F(FieldColumnsTest, AFieldThatNoDocumentHasMatchesNothing) {
  Write({WithField(0, "year", {int64_t{1999}})});
  const std::vector<FieldValue> value = {int64_t{1999}};
  EXPECT_TRUE(columns().In("other", value)->isEmpty());
  EXPECT_TRUE(columns().InRange("other", {})->isEmpty());
  EXPECT_TRUE(columns().Exists("other")->isEmpty());
  EXPECT_TRUE(columns().CountValues("other", {}, [](auto&, uint64_t) { FAIL(); }).ok());
}

TEST_F(FieldColumnsTest, RepeatedValuesKeepTheirOrderAndTheirNumber) {
  Write({WithField(0, "tag", {std::string("b"), std::string("a"), std::string("b")}),
         WithField(1, "tag", {std::string("")})});
  for (DocId document = 0; document < 2; ++document) {
    EXPECT_EQ(columns().Get(document)->at(0).values, by_ordinal_[document].fields[0].values);
  }
  EXPECT_TRUE(columns().schema()[0].repeated);
}

TEST(DocumentBitsTest, SetsOfAnyDensityAreTheSame) {
  std::mt19937_64 random(7);
  for (size_t words : {0, 1, 3, 1023, 1024, 1025, 5000}) {
    for (uint64_t density : {0, 1, 3, 7, 60, 64}) {
      DocumentBits bits(words);
      DocumentSet expected;
      for (uint32_t document = 0; document < words * 64; ++document) {
        if (random() % 64 >= density) continue;
        bits[document / 64] |= uint64_t{1} << (document % 64);
        expected.add(document);
      }
      EXPECT_EQ(ToDocumentSet(bits), expected) << words << " " << density;
    }
  }
}

}  // namespace
}  // namespace foraker::index
