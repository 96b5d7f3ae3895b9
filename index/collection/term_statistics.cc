// The file (kind "term statistics", version 1):
//
//   meta        u64      N: live passages
//   term keys   u64[n]   ascending
//   term df     u32[n]   live passages that hold the term, > 0
#include "index/collection/term_statistics.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "index/collection/deleted_documents.h"

namespace foraker::index {
namespace {

constexpr uint32_t kVersion = 1;

class MappedTermStatistics : public TermStatistics {
 public:
  static absl::StatusOr<std::shared_ptr<const TermStatistics>> Open(std::string path) {
    ASSIGN_OR_RETURN(auto file,
                     SectionFile::Open(std::move(path), FileKind::kTermStatistics, kVersion));
    ASSIGN_OR_RETURN(const auto meta, file->GetArray<uint64_t>(SectionId::kMeta));
    ASSIGN_OR_RETURN(const auto keys, file->GetArray<TermKey>(SectionId::kTermKeys));
    ASSIGN_OR_RETURN(const auto df, file->GetArray<uint32_t>(SectionId::kTermDf));
    if (meta.size() != 1 || keys.size() != df.size()) {
      return absl::DataLossError(absl::StrCat(file->path(), ": ", meta.size(), " counts, ",
                                              keys.size(), " keys, ", df.size(), " frequencies"));
    }
    return std::make_shared<const MappedTermStatistics>(std::move(file), meta[0], keys, df);
  }

  MappedTermStatistics(std::shared_ptr<const SectionFile> file, uint64_t num_passages,
                       std::span<const TermKey> keys, std::span<const uint32_t> df)
      : file_(std::move(file)), num_passages_(num_passages), keys_(keys), df_(df) {}

  uint64_t num_passages() const override { return num_passages_; }
  std::span<const TermKey> keys() const override { return keys_; }
  const SectionFile& file() const override { return *file_; }

  absl::StatusOr<uint64_t> DocumentFrequency(TermKey key) const override {
    size_t begin = 0;
    size_t end = keys_.size();
    while (begin < end) {
      const size_t middle = begin + (end - begin) / 2;
      RETURN_IF_ERROR(
          file_->Touch(SectionId::kTermKeys, middle * sizeof(TermKey), sizeof(TermKey)));
      if (keys_[middle] == key) return FrequencyAt(middle);
      if (keys_[middle] < key) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return 0;
  }

  absl::Status Verify() const override {
    RETURN_IF_ERROR(file_->VerifyAll());
    if (std::adjacent_find(keys_.begin(), keys_.end(), std::greater_equal<>()) != keys_.end()) {
      return absl::DataLossError(
          absl::StrCat(file_->path(), ": section term keys: keys do not ascend"));
    }
    if (std::any_of(df_.begin(), df_.end(),
                    [this](uint32_t df) { return df == 0 || df > num_passages_; })) {
      return absl::DataLossError(absl::StrCat(
          file_->path(), ": section term df: a frequency is not between 1 and ", num_passages_));
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<uint64_t> FrequencyAt(size_t i) const {
    RETURN_IF_ERROR(file_->Touch(SectionId::kTermDf, i * sizeof(uint32_t), sizeof(uint32_t)));
    return df_[i];
  }

  std::shared_ptr<const SectionFile> file_;
  uint64_t num_passages_;
  std::span<const TermKey> keys_;
  std::span<const uint32_t> df_;
};

absl::StatusOr<std::vector<PassageId>> DeletedPassages(const LiveSegment& live) {
  std::vector<PassageId> passages;
  if (live.deleted_documents == nullptr) return passages;
  for (const DocId document : *live.deleted_documents) {
    ASSIGN_OR_RETURN(const PassageRange range, live.segment->PassagesOf(document));
    for (PassageId passage = range.begin; passage < range.end; ++passage) {
      passages.push_back(passage);
    }
  }
  return passages;
}

using Counts = absl::flat_hash_map<TermKey, uint32_t>;

// How many of the passages hold each term of their vectors.
absl::StatusOr<std::shared_ptr<const Counts>> CountVectors(const Segment& segment,
                                                           std::span<const PassageId> passages) {
  auto counts = std::make_shared<Counts>();
  SparseVector vector;
  for (const PassageId passage : passages) {
    RETURN_IF_ERROR(segment.terms().Forward(passage, vector));
    for (const TermKey key : vector.keys) ++(*counts)[key];
  }
  return counts;
}

// Counts of one segment or table, walked in ascending order of the keys.
struct Source {
  std::span<const TermKey> keys;
  std::function<absl::StatusOr<uint64_t>(size_t)> frequency;  // of keys[i]
  size_t next = 0;
};

// What its vectors hold, of the terms [begin, end).
Source VectorSource(const TermIndex& terms, std::shared_ptr<const Counts> deleted, size_t begin,
                    size_t end) {
  const std::span<const TermKey> keys = terms.keys().subspan(begin, end - begin);
  auto frequency = [keys, &terms, begin, deleted](size_t i) -> absl::StatusOr<uint64_t> {
    ASSIGN_OR_RETURN(const uint32_t all,
                     terms.DocumentFrequency(static_cast<TermOrdinal>(begin + i)));
    const auto gone = deleted->find(keys[i]);
    return all - (gone == deleted->end() ? 0 : gone->second);
  };
  return {keys, std::move(frequency)};
}

absl::StatusOr<Source> CountedSource(const CountedTerms& counted,
                                     std::span<const PassageId> deleted_passages) {
  ASSIGN_OR_RETURN(const std::span<const TermKey> keys, counted.Keys());
  std::vector<uint32_t> deleted(keys.size());
  std::vector<uint32_t> terms;
  for (const PassageId passage : deleted_passages) {
    RETURN_IF_ERROR(counted.Load(passage, terms));
    for (const uint32_t term : terms) ++deleted[term];
  }
  auto frequency = [&counted, deleted = std::move(deleted)](size_t i) -> absl::StatusOr<uint64_t> {
    ASSIGN_OR_RETURN(const uint32_t all, counted.Frequency(static_cast<uint32_t>(i)));
    return all - deleted[i];
  };
  return Source{keys, std::move(frequency)};
}

// The vectors count, but for the namespace that has counted terms.
absl::Status AddSegmentSources(const LiveSegment& live, std::vector<Source>& sources) {
  const TermIndex& terms = live.segment->terms();
  const std::span<const TermKey> keys = terms.keys();
  RETURN_IF_ERROR(live.segment->file().Touch(SectionId::kTermKeys, 0, keys.size_bytes()));
  ASSIGN_OR_RETURN(const std::vector<PassageId> deleted_passages, DeletedPassages(live));
  ASSIGN_OR_RETURN(const auto deleted, CountVectors(*live.segment, deleted_passages));
  const CountedTerms* counted = live.segment->counted_terms();
  if (counted == nullptr) {
    sources.push_back(VectorSource(terms, deleted, 0, keys.size()));
    return absl::OkStatus();
  }
  const TermNamespace ns = counted->counted_namespace();
  const auto begin = std::partition_point(keys.begin(), keys.end(),
                                          [&](TermKey key) { return NamespaceOf(key) < ns; });
  const auto end =
      std::partition_point(begin, keys.end(), [&](TermKey key) { return NamespaceOf(key) == ns; });
  sources.push_back(VectorSource(terms, deleted, 0, static_cast<size_t>(begin - keys.begin())));
  sources.push_back(
      VectorSource(terms, deleted, static_cast<size_t>(end - keys.begin()), keys.size()));
  ASSIGN_OR_RETURN(sources.emplace_back(), CountedSource(*counted, deleted_passages));
  return absl::OkStatus();
}

absl::StatusOr<Source> TableSource(const TermStatistics& table) {
  const std::span<const TermKey> keys = table.keys();
  RETURN_IF_ERROR(table.file().Touch(SectionId::kTermKeys, 0, keys.size_bytes()));
  return Source{keys, [keys, &table](size_t i) { return table.DocumentFrequency(keys[i]); }};
}

struct Sums {
  std::vector<TermKey> keys;
  std::vector<uint32_t> frequencies;
};

// Merges the sources; terms that no live passage holds are left out.
absl::StatusOr<Sums> AddUp(std::vector<Source> sources) {
  const auto later = [](const Source* a, const Source* b) {
    return a->keys[a->next] > b->keys[b->next];
  };
  std::vector<Source*> heap;
  for (Source& source : sources) {
    if (!source.keys.empty()) heap.push_back(&source);
  }
  std::make_heap(heap.begin(), heap.end(), later);
  Sums sums;
  while (!heap.empty()) {
    const TermKey key = heap.front()->keys[heap.front()->next];
    uint64_t total = 0;
    while (!heap.empty() && heap.front()->keys[heap.front()->next] == key) {
      std::pop_heap(heap.begin(), heap.end(), later);
      Source* source = heap.back();
      ASSIGN_OR_RETURN(const uint64_t frequency, source->frequency(source->next));
      total += frequency;
      if (++source->next == source->keys.size()) {
        heap.pop_back();
      } else {
        std::push_heap(heap.begin(), heap.end(), later);
      }
    }
    if (total > std::numeric_limits<uint32_t>::max()) {
      return absl::ResourceExhaustedError("a term is in more than 4,294,967,295 passages");
    }
    if (total == 0) continue;
    sums.keys.push_back(key);
    sums.frequencies.push_back(static_cast<uint32_t>(total));
  }
  return sums;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TermStatistics>> TermStatistics::Open(std::string path) {
  return MappedTermStatistics::Open(std::move(path));
}

absl::Status TermStatistics::Write(std::span<const LiveSegment> segments,
                                   std::span<const std::shared_ptr<const TermStatistics>> others,
                                   std::string path) {
  uint64_t num_passages = 0;
  std::vector<Source> sources;
  for (const LiveSegment& live : segments) {
    ASSIGN_OR_RETURN(const uint64_t passages, CountLivePassages(live));
    num_passages += passages;
    RETURN_IF_ERROR(AddSegmentSources(live, sources));
  }
  for (const std::shared_ptr<const TermStatistics>& table : others) {
    num_passages += table->num_passages();
    ASSIGN_OR_RETURN(sources.emplace_back(), TableSource(*table));
  }
  ASSIGN_OR_RETURN(const Sums sums, AddUp(std::move(sources)));

  ASSIGN_OR_RETURN(const std::unique_ptr<SectionFileWriter> file,
                   SectionFileWriter::Create(std::move(path), FileKind::kTermStatistics, kVersion));
  RETURN_IF_ERROR(file->AddArray<uint64_t>(SectionId::kMeta, std::span(&num_passages, 1)));
  RETURN_IF_ERROR(file->AddArray<TermKey>(SectionId::kTermKeys, sums.keys));
  RETURN_IF_ERROR(file->AddArray<uint32_t>(SectionId::kTermDf, sums.frequencies));
  return file->Finish();
}

}  // namespace foraker::index
