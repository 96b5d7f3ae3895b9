#include "tests/index/live_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/directory.h"

namespace foraker::index {

LiveDirectory::LiveDirectory(LiveOptions options) : options_(std::move(options)) {
  auto catalog = Catalog::Open(path(), OpenMode::kWrite);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  EXPECT_TRUE(base::CreateDirectories((*catalog)->CollectionDir("c")).ok());
  CollectionRecord record;
  record.name = "c";
  record.generation = 1;
  EXPECT_TRUE((*catalog)->Publish(record).ok());
  catalog->reset();
  Reopen();
}

void LiveDirectory::Close() {
  collection_.reset();
  store_.reset();
}

void LiveDirectory::Reopen() {
  Close();
  auto catalog = Catalog::Open(path(), OpenMode::kWrite);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  auto store = LiveStore::Open(
      *std::move(catalog),
      [this](const CollectionRecord&) -> absl::StatusOr<LiveOptions> { return options_; });
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  auto collection = store_->Find("c");
  ASSERT_TRUE(collection.ok()) << collection.status();
  collection_ = *std::move(collection);
}

LiveOptions TinyOptions() {
  LiveOptions options;
  options.flush_bytes = 16 << 10;
  options.buffer_bytes = size_t{8} << 20;
  options.sync = false;
  options.merge_factor = 3;
  options.max_segment_bytes = 256 << 10;
  return options;
}

TermKey TestTerm(uint64_t number) {
  return NumberedTermKey(TermNamespace::kImported, number * 7919);
}

PutDocument SmallDocument(std::string id, std::vector<uint64_t> terms, int64_t n) {
  std::sort(terms.begin(), terms.end());
  PutDocument put;
  put.document.id = std::move(id);
  Passage& passage = put.document.passages.emplace_back();
  for (const uint64_t term : terms) {
    passage.vector.keys.push_back(TestTerm(term));
    passage.vector.weights.push_back(base::FloatToFloat16(1));
  }
  put.document.fields.push_back({"n", {n}});
  return put;
}

PutDocument RandomDocument(std::mt19937_64& random, std::string id) {
  PutDocument put;
  Document& document = put.document;
  document.id = std::move(id);
  document.title = absl::StrCat("title ", random() % 10);
  document.text = std::string(random() % 60, 't');
  document.fields.push_back({"n", {static_cast<int64_t>(random() % 5)}});
  if (random() % 2 == 0) document.fields.push_back({"tag", {absl::StrCat("t", random() % 3)}});
  const size_t passages = random() % 8 == 0 ? 0 : 1 + random() % 3;
  for (size_t p = 0; p < passages; ++p) {
    std::map<TermKey, base::Float16Bits> terms;
    for (size_t t = random() % 8; t > 0; --t) {
      const uint64_t term = random() % 24;
      const float weight = static_cast<float>(1 + random() % 4) / 2;  // few, so that scores tie
      terms[TestTerm(term)] = base::FloatToFloat16(weight);
    }
    Passage& passage = document.passages.emplace_back();
    for (const auto& [key, weight] : terms) {
      passage.vector.keys.push_back(key);
      passage.vector.weights.push_back(weight);
      put.names.emplace_back(key, absl::StrCat("term ", key));
    }
    passage.text_end = static_cast<uint32_t>(document.text.size());
  }
  return put;
}

WriteBatch BatchOf(std::vector<Write> writes, std::string request_id, uint64_t hash) {
  WriteBatch batch;
  batch.writes = std::move(writes);
  batch.request_id = std::move(request_id);
  batch.request_hash = hash;
  return batch;
}

Write Put(PutDocument put) { return {std::move(put), std::nullopt}; }
Write Delete(std::string id) { return {DeleteDocument{std::move(id)}, std::nullopt}; }

std::vector<std::pair<std::string, uint64_t>> LiveVersions(const Snapshot& snapshot) {
  std::vector<std::pair<std::string, uint64_t>> versions;
  for (const LiveSegment& live : snapshot.segments) {
    for (DocId d = 0; d < live.segment->num_documents(); ++d) {
      if (live.deleted_documents != nullptr && live.deleted_documents->contains(d)) continue;
      versions.emplace_back(*live.segment->Id(d), *live.segment->Version(d));
    }
  }
  std::sort(versions.begin(), versions.end());
  return versions;
}

}  // namespace foraker::index
