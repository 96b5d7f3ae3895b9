// A collection in memory, for tests of what the text side is worth: documents go through the real
// encoder, statistics are counted as a published table's are, and a search scores every passage.

#ifndef FORAKER_TESTS_RETRIEVAL_MEMORY_COLLECTION_H_
#define FORAKER_TESTS_RETRIEVAL_MEMORY_COLLECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "index/collection/term_statistics.h"
#include "index/sparse_vector.h"
#include "retrieval/eval/run_file.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

struct CorpusDocument {
  std::string id;
  std::string title;
  std::string text;
};

struct CorpusQuery {
  std::string id;
  std::string text;
};

// BEIR JSON lines. kNotFound when there is no such file.
absl::StatusOr<std::vector<CorpusDocument>> ReadCorpus(const std::string& path);
absl::StatusOr<std::vector<CorpusQuery>> ReadQueries(const std::string& path);

class MemoryStatistics final : public index::DocumentFrequencies {
 public:
  // df of each term; `passages` is N.
  MemoryStatistics(std::unordered_map<index::TermKey, uint64_t> df, uint64_t passages)
      : df_(std::move(df)), passages_(passages) {}

  uint64_t num_passages() const override { return passages_; }
  absl::StatusOr<uint64_t> DocumentFrequency(index::TermKey key) const override;

 private:
  std::unordered_map<index::TermKey, uint64_t> df_;
  uint64_t passages_;
};

class MemoryCollection {
 public:
  // Sets the reference length of `settings` to the mean of the first 10,000 documents.
  static absl::StatusOr<MemoryCollection> Encode(const std::vector<CorpusDocument>& corpus,
                                                 CollectionSettings settings);

  const CollectionSettings& settings() const { return settings_; }
  size_t num_passages() const { return owners_.size(); }

  // Over the documents [0, documents) alone.
  std::shared_ptr<const MemoryStatistics> Statistics(size_t documents = SIZE_MAX) const;

  // The k best documents by their best passage.
  Ranking Search(const index::QueryVector& query, size_t k) const;

 private:
  struct Posting {
    uint32_t passage;
    base::Float16Bits weight;
  };

  CollectionSettings settings_;
  std::vector<std::string> ids_;
  std::vector<uint32_t> owners_;  // passage -> document
  std::unordered_map<index::TermKey, std::vector<Posting>> postings_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_MEMORY_COLLECTION_H_
