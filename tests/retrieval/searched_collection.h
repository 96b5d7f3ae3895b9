// A small collection for tests of searches: built through the real encoder, segment writer and
// catalog, in a data directory of its own.

#ifndef FORAKER_TESTS_RETRIEVAL_SEARCHED_COLLECTION_H_
#define FORAKER_TESTS_RETRIEVAL_SEARCHED_COLLECTION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "index/segment/document.h"
#include "index/store/catalog.h"
#include "index/term_key.h"
#include "retrieval/local_searcher.h"
#include "retrieval/settings.h"
#include "tests/support/temporary_directory.h"

namespace foraker::retrieval {

index::Document TestDocument(std::string id, std::string title, std::string text,
                             std::vector<index::Field> fields = {});

// Every failure to build is a failure of the test.
class SearchedCollection {
 public:
  explicit SearchedCollection(std::string name = "books");

  // For the segments that follow; with idf manual, statistics stay as they are.
  CollectionSettings& settings() { return settings_; }

  // Publishes one more segment; older documents with its ids are deleted.
  void Add(std::vector<index::Document> documents);
  // The same for documents whose passages have their vectors; `names` are strings of their keys.
  void AddEncoded(std::vector<index::Document> documents,
                  const std::map<index::TermKey, std::string>& names = {});
  void Delete(const std::vector<std::string>& ids);

  const std::string& name() const { return name_; }
  const std::shared_ptr<index::Catalog>& catalog() const { return catalog_; }
  std::shared_ptr<const index::Snapshot> snapshot() const;
  std::unique_ptr<LocalSearcher> Open(LocalSearcherOptions options = {}) const;

 private:
  // The record of the next generation: what is published now, without `ids`.
  index::CollectionRecord Next(const std::vector<std::string>& ids) const;
  void Publish(index::CollectionRecord record);

  const std::string name_;
  const TemporaryDirectory directory_;
  CollectionSettings settings_;
  std::shared_ptr<index::Catalog> catalog_;
  uint64_t sequence_ = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_SEARCHED_COLLECTION_H_
