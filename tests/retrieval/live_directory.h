// A data directory that this process writes to, with everything that works on it: for tests of live
// collections. Every failure of its own is a failure of the test.

#ifndef FORAKER_TESTS_RETRIEVAL_LIVE_DIRECTORY_H_
#define FORAKER_TESTS_RETRIEVAL_LIVE_DIRECTORY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/collection/live_store.h"
#include "retrieval/local_administrator.h"
#include "retrieval/local_searcher.h"
#include "retrieval/local_writer.h"
#include "retrieval/settings_changes.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {

DocumentWrite Put(std::string id, std::string text, FieldValues fields = {},
                  std::string title = "");
DocumentWrite Delete(std::string id);
DocumentWrite SetField(std::string id, std::string field, Value value);
DocumentWrite If(uint64_t version, DocumentWrite write);

class LiveDirectory {
 public:
  explicit LiveDirectory(index::LiveOptions options = {}, LocalWriterOptions writer = {},
                         LocalAdministratorOptions administrator = {});

  // As a new process finds it after this one was killed.
  void Reopen();
  // Until Reopen, nothing but `files` may be used.
  void Close();

  index::LiveStore& store() { return *store_; }
  const std::shared_ptr<index::Catalog>& catalog() const { return store_->catalog(); }
  Writer& writer() { return *writer_; }
  Administrator& admin() { return *administrator_; }
  LocalSearcher& searcher() { return *searcher_; }
  const IngestDirectory& files() const { return files_; }
  std::string data_dir() const { return files_.Path("data"); }

  void Create(const std::string& collection, SettingChanges settings = {});
  WriteReply Write(const std::string& collection, std::vector<DocumentWrite> writes,
                   WriteWait wait = WriteWait::kSearchable);
  // Ids of the hits, best first.
  std::vector<std::string> Find(const std::string& collection, const std::string& text,
                                uint32_t k = 10);
  DocumentView Get(const std::string& collection, const std::string& id);
  CollectionSummary Describe(const std::string& collection);

 private:
  void Open();

  const IngestDirectory files_;
  const index::LiveOptions options_;
  const LocalWriterOptions writer_options_;
  const LocalAdministratorOptions administrator_options_;
  std::shared_ptr<index::LiveStore> store_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Administrator> administrator_;
  std::unique_ptr<LocalSearcher> searcher_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_LIVE_DIRECTORY_H_
