#include "tests/retrieval/live_directory.h"

#include <gtest/gtest.h>

namespace foraker::retrieval {
namespace {

template <typename T>
T ValueOf(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *std::move(value) : T();
}

}  // namespace

DocumentWrite Put(std::string id, std::string text, FieldValues fields, std::string title) {
  return {.change = PutRequest{.id = std::move(id),
                               .title = std::move(title),
                               .text = std::move(text),
                               .fields = std::move(fields),
                               .vector = {}},
          .if_version = {}};
}

DocumentWrite Delete(std::string id) {
  return {.change = DeleteRequest{std::move(id)}, .if_version = {}};
}

DocumentWrite SetField(std::string id, std::string field, Value value) {
  return {.change = UpdateFieldsRequest{.id = std::move(id),
                                        .set = {{std::move(field), {std::move(value)}}},
                                        .clear = {}},
          .if_version = {}};
}

DocumentWrite If(uint64_t version, DocumentWrite write) {
  write.if_version = version;
  return write;
}

LiveDirectory::LiveDirectory(index::LiveOptions options, LocalWriterOptions writer,
                             LocalAdministratorOptions administrator)
    : options_(options), writer_options_(writer), administrator_options_(std::move(administrator)) {
  Open();
}

void LiveDirectory::Open() {
  std::shared_ptr<index::Catalog> catalog = OpenToWrite(data_dir());
  auto store = index::LiveStore::Open(catalog, LiveOptionsOf(options_));
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  EXPECT_TRUE(store_->Recover().ok());
  writer_ = MakeLocalWriter(store_, writer_options_);
  administrator_ = MakeLocalAdministrator(store_, administrator_options_);
  auto searcher = LocalSearcher::Open(catalog, store_, {});
  ASSERT_TRUE(searcher.ok()) << searcher.status();
  searcher_ = *std::move(searcher);
}

void LiveDirectory::Close() {
  searcher_.reset();
  administrator_.reset();
  writer_.reset();
  store_.reset();
}

void LiveDirectory::Reopen() {
  Close();
  Open();
}

void LiveDirectory::Create(const std::string& collection, SettingChanges settings) {
  CreateRequest request;
  request.collection = collection;
  request.settings = std::move(settings);
  const absl::Status created = admin().CreateCollection(request);
  EXPECT_TRUE(created.ok()) << created;
}

WriteReply LiveDirectory::Write(const std::string& collection, std::vector<DocumentWrite> writes,
                                WriteWait wait) {
  WriteRequest request;
  request.collection = collection;
  request.writes = std::move(writes);
  request.wait_for = wait;
  return ValueOf(writer().Write(request));
}

std::vector<std::string> LiveDirectory::Find(const std::string& collection, const std::string& text,
                                             uint32_t k) {
  SearchRequest request;
  request.collection = collection;
  request.query = TextQuery{.text = text, .stem_weight = {}, .title_weight = {}};
  request.k = k;
  std::vector<std::string> ids;
  for (const SearchHit& hit : ValueOf(searcher().Search(request)).hits) {
    ids.push_back(hit.document.id);
  }
  return ids;
}

DocumentView LiveDirectory::Get(const std::string& collection, const std::string& id) {
  const std::vector<DocumentView> found = ValueOf(searcher().Get(collection, "", {id}));
  return found.empty() ? DocumentView() : found.front();
}

CollectionSummary LiveDirectory::Describe(const std::string& collection) {
  return ValueOf(searcher().Describe(collection));
}

}  // namespace foraker::retrieval
