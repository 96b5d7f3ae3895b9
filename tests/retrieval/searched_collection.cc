#include "tests/retrieval/searched_collection.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "index/collection/deleted_documents.h"
#include "index/collection/term_statistics.h"
#include "index/segment/segment_writer.h"
#include "model/analyzer/analyzer.h"
#include "retrieval/document_encoder.h"

namespace foraker::retrieval {
namespace {

template <typename T>
T ValueOf(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return std::move(value).value();
}

std::string NextFile(index::CollectionRecord& record, std::string_view extension) {
  return absl::StrFormat("%08d.%s", record.next_file++, extension);
}

}  // namespace

index::Document TestDocument(std::string id, std::string title, std::string text,
                             std::vector<index::Field> fields) {
  index::Document document;
  document.id = std::move(id);
  document.title = std::move(title);
  document.text = std::move(text);
  document.fields = std::move(fields);
  return document;
}

SearchedCollection::SearchedCollection(std::string name) : name_(std::move(name)) {
  settings_.document.reference_length = 8;
  settings_.document.passage_tokens = 32;
  settings_.document.fingerprint =
      ValueOf(model::Analyzer::Create(model::AnalyzerOptions()))->Fingerprint();
  catalog_ = ValueOf(index::Catalog::Open(directory_.path(), index::OpenMode::kWrite));
  EXPECT_TRUE(base::CreateDirectories(catalog_->CollectionDir(name_)).ok());
}

void SearchedCollection::Add(std::vector<index::Document> documents) {
  auto encoder = ValueOf(DocumentEncoder::Create(settings_.document));
  std::map<index::TermKey, std::string> names;
  for (index::Document& document : documents) {
    const absl::Status encoded = encoder->Encode(
        document, [&](index::TermKey key, std::string_view name) { names.emplace(key, name); });
    EXPECT_TRUE(encoded.ok()) << encoded;
  }
  AddEncoded(std::move(documents), names);
}

void SearchedCollection::AddEncoded(std::vector<index::Document> documents,
                                    const std::map<index::TermKey, std::string>& names) {
  std::vector<std::string> ids;
  for (const index::Document& document : documents) ids.push_back(document.id);
  index::CollectionRecord record = Next(ids);
  index::SegmentRecord segment{.file = NextFile(record, "seg"),
                               .deleted_documents = {},
                               .live_documents = documents.size(),
                               .live_passages = 0};
  auto writer =
      ValueOf(index::SegmentWriter::Create(catalog_->CollectionDir(name_) + "/" + segment.file));
  for (index::Document& document : documents) {
    document.version = ++sequence_;
    segment.live_passages += document.passages.size();
    EXPECT_TRUE(writer->Add(document).ok());
  }
  for (const auto& [key, name] : names) writer->Name(key, name);
  const absl::Status finished = writer->Finish();
  EXPECT_TRUE(finished.ok()) << finished;
  record.segments.push_back(std::move(segment));
  Publish(std::move(record));
}

void SearchedCollection::Delete(const std::vector<std::string>& ids) { Publish(Next(ids)); }

index::CollectionRecord SearchedCollection::Next(const std::vector<std::string>& ids) const {
  const auto info = catalog_->Get(name_);
  if (!info.ok()) {
    index::CollectionRecord first;
    first.name = name_;
    return first;
  }
  index::CollectionRecord record = info->record;
  const auto current = snapshot();
  for (size_t s = 0; s < current->segments.size(); ++s) {
    const index::LiveSegment& live = current->segments[s];
    auto deleted = std::make_shared<index::DocumentSet>();
    if (live.deleted_documents != nullptr) *deleted = *live.deleted_documents;
    for (const std::string& id : ids) {
      const std::optional<index::DocId> document = ValueOf(live.segment->FindId(id));
      if (document.has_value()) deleted->add(*document);
    }
    index::SegmentRecord& segment = record.segments[s];
    segment.deleted_documents = index::EncodeDeleted(*deleted);
    segment.live_documents = live.segment->num_documents() - deleted->cardinality();
    segment.live_passages = ValueOf(index::CountLivePassages({live.segment, deleted}));
  }
  return record;
}

void SearchedCollection::Publish(index::CollectionRecord record) {
  const std::string directory = catalog_->CollectionDir(name_) + "/";
  ++record.generation;
  record.sequence = sequence_;
  record.settings = settings_.ToJson();
  std::vector<index::LiveSegment> segments;
  for (const index::SegmentRecord& segment : record.segments) {
    auto opened = ValueOf(index::Segment::Open(directory + segment.file));
    auto deleted = ValueOf(index::DecodeDeleted(segment.deleted_documents, *opened));
    segments.push_back({std::move(opened), std::move(deleted)});
  }
  if (settings_.query.idf == IdfMode::kAuto) {
    record.statistics_file = NextFile(record, "idf");
    record.idf_version = record.generation;
    const std::string path = directory + record.statistics_file;
    EXPECT_TRUE(index::TermStatistics::Write(segments, {}, path).ok());
  }
  const absl::Status published = catalog_->Publish(record);
  EXPECT_TRUE(published.ok()) << published;
}

std::shared_ptr<const index::Snapshot> SearchedCollection::snapshot() const {
  return ValueOf(catalog_->Current(name_));
}

std::unique_ptr<LocalSearcher> SearchedCollection::Open(LocalSearcherOptions options) const {
  return ValueOf(LocalSearcher::Open(catalog_, std::move(options)));
}

}  // namespace foraker::retrieval
