#include "tests/retrieval/memory_collection.h"

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <utility>

#include "base/status.h"
#include "retrieval/document_encoder.h"
#include "retrieval/document_text.h"

namespace foraker::retrieval {
namespace {

constexpr size_t kReferenceDocuments = 10'000;

absl::Status ForEachObject(const std::string& path,
                           const std::function<void(simdjson::dom::element)>& visit) {
  std::ifstream in(path);
  if (!in) return absl::NotFoundError(path);
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    simdjson::dom::element object;
    if (parser.parse(line).get(object) != simdjson::SUCCESS) return absl::DataLossError(path);
    visit(object);
  }
  return absl::OkStatus();
}

std::string Member(simdjson::dom::element object, const char* key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

}  // namespace

absl::StatusOr<std::vector<CorpusDocument>> ReadCorpus(const std::string& path) {
  std::vector<CorpusDocument> documents;
  RETURN_IF_ERROR(ForEachObject(path, [&](simdjson::dom::element object) {
    documents.push_back({Member(object, "_id"), Member(object, "title"), Member(object, "text")});
  }));
  return documents;
}

absl::StatusOr<std::vector<CorpusQuery>> ReadQueries(const std::string& path) {
  std::vector<CorpusQuery> queries;
  RETURN_IF_ERROR(ForEachObject(path, [&](simdjson::dom::element object) {
    queries.push_back({Member(object, "_id"), Member(object, "text")});
  }));
  return queries;
}

absl::StatusOr<uint64_t> MemoryStatistics::DocumentFrequency(index::TermKey key) const {
  const auto at = df_.find(key);
  return at == df_.end() ? 0 : at->second;
}

absl::StatusOr<MemoryCollection> MemoryCollection::Encode(const std::vector<CorpusDocument>& corpus,
                                                          CollectionSettings settings) {
  ASSIGN_OR_RETURN(const std::unique_ptr<DocumentText> text,
                   DocumentText::Create(settings.document));
  uint64_t stems = 0;
  uint64_t passages = 0;
  for (size_t i = 0; i < std::min(corpus.size(), kReferenceDocuments); ++i) {
    text->Read(corpus[i].title, corpus[i].text);
    stems += text->indexed_words();
    passages += text->passages().size();
  }
  settings.document.reference_length =
      static_cast<float>(static_cast<double>(stems) / static_cast<double>(passages));
  MemoryCollection collection;
  collection.settings_ = settings;
  ASSIGN_OR_RETURN(std::unique_ptr<DocumentEncoder> encoder,
                   DocumentEncoder::Create(settings.document));
  for (const CorpusDocument& from : corpus) {
    index::Document document;
    document.id = from.id;
    document.title = from.title;
    document.text = from.text;
    RETURN_IF_ERROR(encoder->Encode(document, nullptr));
    for (const index::Passage& passage : document.passages) {
      const auto number = static_cast<uint32_t>(collection.owners_.size());
      collection.owners_.push_back(static_cast<uint32_t>(collection.ids_.size()));
      for (size_t i = 0; i < passage.vector.keys.size(); ++i) {
        collection.postings_[passage.vector.keys[i]].push_back({number, passage.vector.weights[i]});
      }
    }
    collection.ids_.push_back(from.id);
  }
  return collection;
}

std::shared_ptr<const MemoryStatistics> MemoryCollection::Statistics(size_t documents) const {
  const auto counted = [&](uint32_t passage) { return owners_[passage] < documents; };
  std::unordered_map<index::TermKey, uint64_t> df;
  for (const auto& [key, postings] : postings_) {
    const auto count = std::count_if(postings.begin(), postings.end(),
                                     [&](const Posting& p) { return counted(p.passage); });
    if (count > 0) df[key] = static_cast<uint64_t>(count);
  }
  uint64_t passages = 0;
  for (const uint32_t owner : owners_) passages += owner < documents ? 1 : 0;
  return std::make_shared<MemoryStatistics>(std::move(df), passages);
}

Ranking MemoryCollection::Search(const index::QueryVector& query, size_t k) const {
  std::vector<double> scores(owners_.size());
  for (const index::QueryTerm& term : query) {
    const auto at = postings_.find(term.key);
    if (at == postings_.end()) continue;
    for (const Posting& posting : at->second) {
      scores[posting.passage] +=
          static_cast<double>(term.weight * base::Float16ToFloat(posting.weight));
    }
  }
  std::vector<double> best(ids_.size());
  for (size_t p = 0; p < owners_.size(); ++p) {
    best[owners_[p]] = std::max(best[owners_[p]], scores[p]);
  }
  Ranking ranking;
  for (size_t d = 0; d < ids_.size(); ++d) {
    if (best[d] > 0) ranking.push_back({ids_[d], static_cast<float>(best[d])});
  }
  std::sort(ranking.begin(), ranking.end(), [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  if (ranking.size() > k) ranking.resize(k);
  return ranking;
}

}  // namespace foraker::retrieval
