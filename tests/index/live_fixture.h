// A data directory with one live collection, "c", for tests of the live path; and random documents
// for it.

#ifndef FORAKER_TESTS_INDEX_LIVE_FIXTURE_H_
#define FORAKER_TESTS_INDEX_LIVE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "index/collection/live_store.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {

class LiveDirectory {
 public:
  // Makes the collection, empty.
  explicit LiveDirectory(LiveOptions options);

  // Closes what is open, as a process does that ends without a flush, and opens it again.
  void Reopen();
  void Close();

  const std::string& path() const { return directory_.path(); }
  LiveStore& store() { return *store_; }
  const std::shared_ptr<Catalog>& catalog() { return store_->catalog(); }
  LiveCollection& collection() { return *collection_; }
  LiveOptions& options() { return options_; }  // as of the next opening

 private:
  TemporaryDirectory directory_;
  LiveOptions options_;
  std::unique_ptr<LiveStore> store_;
  std::shared_ptr<LiveCollection> collection_;
};

// Thresholds so small that a few writes flush, and a few flushes merge.
LiveOptions TinyOptions();

// A term of the tests' vocabulary.
TermKey TestTerm(uint64_t number);

// With one passage that holds `terms` with weight 1, and a field "n".
PutDocument SmallDocument(std::string id, std::vector<uint64_t> terms, int64_t n = 0);

// With up to three passages, a title, a text, fields and names.
PutDocument RandomDocument(std::mt19937_64& random, std::string id);

WriteBatch BatchOf(std::vector<Write> writes, std::string request_id = "", uint64_t hash = 0);
Write Put(PutDocument put);
Write Delete(std::string id);

// Ids of the snapshot's live documents and their versions, by id.
std::vector<std::pair<std::string, uint64_t>> LiveVersions(const Snapshot& snapshot);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_LIVE_FIXTURE_H_
