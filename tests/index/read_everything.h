// Reads whatever a segment can be asked for: what tests of damaged files and the fuzzer call.

#ifndef FORAKER_TESTS_INDEX_READ_EVERYTHING_H_
#define FORAKER_TESTS_INDEX_READ_EVERYTHING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/collection/snapshot.h"
#include "index/query/top_k.h"
#include "index/segment/segment.h"

namespace foraker::index {

inline void AppendFields(const std::vector<Field>& fields, std::string& out) {
  for (const Field& field : fields) {
    out += field.name;
    for (const FieldValue& value : field.values) {
      std::visit(
          [&out]<typename T>(const T& v) {
            if constexpr (std::is_same_v<T, std::string>) {
              out += v;
            } else if constexpr (std::is_same_v<T, Timestamp>) {
              absl::StrAppend(&out, v.micros, ",");
            } else {
              absl::StrAppend(&out, v, ",");
            }
          },
          value);
    }
  }
}

inline absl::Status ReadDocuments(const Segment& segment, std::string& out) {
  for (DocId document = 0; document < segment.num_documents(); ++document) {
    ASSIGN_OR_RETURN(const std::string_view id, segment.Id(document));
    ASSIGN_OR_RETURN(const std::optional<DocId> found, segment.FindId(id));
    ASSIGN_OR_RETURN(const uint64_t version, segment.Version(document));
    ASSIGN_OR_RETURN(const PassageRange passages, segment.PassagesOf(document));
    ASSIGN_OR_RETURN(const TitleAndText text, segment.LoadText(document));
    ASSIGN_OR_RETURN(const std::vector<Field> fields, segment.fields().Get(document));
    absl::StrAppend(&out, base::ToAbsl(id), found ? *found : UINT32_MAX, ",", version, ",",
                    passages.begin, ",", passages.end, ",", text.title, text.text);
    AppendFields(fields, out);
  }
  return absl::OkStatus();
}

inline absl::Status ReadPassages(const Segment& segment, std::string& out) {
  SparseVector vector;
  for (PassageId passage = 0; passage < segment.num_passages(); ++passage) {
    ASSIGN_OR_RETURN(const DocId document, segment.DocumentOf(passage));
    ASSIGN_OR_RETURN(const PassageText range, segment.TextRange(passage));
    RETURN_IF_ERROR(segment.terms().Forward(passage, vector));
    absl::StrAppend(&out, document, ",", range.begin, ",", range.end, ",");
    for (size_t i = 0; i < vector.keys.size(); ++i) {
      absl::StrAppend(&out, vector.keys[i], ":", vector.weights[i], ",");
    }
    for (const Position position : vector.positions) absl::StrAppend(&out, position, ",");
  }
  return absl::OkStatus();
}

inline absl::Status ReadTerms(const Segment& segment, std::string& out) {
  const TermIndex& terms = segment.terms();
  for (TermOrdinal term = 0; term < terms.num_terms(); ++term) {
    ASSIGN_OR_RETURN(const std::string_view name, segment.TermName(term));
    ASSIGN_OR_RETURN(const uint32_t frequency, terms.DocumentFrequency(term));
    ASSIGN_OR_RETURN(const std::optional<TermOrdinal> found, terms.Find(terms.keys()[term]));
    absl::StrAppend(&out, base::ToAbsl(name), frequency, ",", found ? *found : UINT32_MAX, ",");
  }
  return absl::OkStatus();
}

inline absl::Status ReadCountedTerms(const Segment& segment, std::string& out) {
  const CountedTerms* counted = segment.counted_terms();
  if (counted == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::span<const TermKey> keys, counted->Keys());
  for (uint32_t term = 0; term < keys.size(); ++term) {
    ASSIGN_OR_RETURN(const uint32_t frequency, counted->Frequency(term));
    absl::StrAppend(&out, keys[term], ":", frequency, ",");
  }
  std::vector<uint32_t> terms;
  for (PassageId passage = 0; passage < segment.num_passages(); ++passage) {
    RETURN_IF_ERROR(counted->Load(passage, terms));
    for (const uint32_t term : terms) absl::StrAppend(&out, keys[term], ",");
    out += ';';
  }
  return absl::OkStatus();
}

// Searches for up to 16 of the segment's terms.
inline absl::Status ReadHits(std::shared_ptr<const Segment> segment, std::string& out) {
  QueryVector query;
  for (const TermKey key : segment->terms().keys()) {
    if (query.size() == 16) break;
    if (query.empty() || key > query.back().key) query.push_back({key, 1.0f});
  }
  Snapshot snapshot;
  snapshot.segments.push_back({std::move(segment), nullptr});
  SearchOptions options;
  options.k = 5;
  ASSIGN_OR_RETURN(const TopKResult result, TopK(snapshot, query, options));
  for (const Hit& hit : result.hits) {
    absl::StrAppend(&out, base::ToAbsl(hit.id), ",", hit.passage, ",", hit.score, ",");
  }
  return absl::OkStatus();
}

inline absl::Status ReadFields(const Segment& segment, std::string& out) {
  DocumentSet all;
  all.addRange(0, segment.num_documents());
  for (const FieldInfo& info : segment.fields().schema()) {
    ASSIGN_OR_RETURN(const DocumentSet holding, segment.fields().Exists(info.name));
    absl::StrAppend(&out, info.name, holding.cardinality(), ",");
    RETURN_IF_ERROR(segment.fields().CountValues(info.name, all,
                                                 [&out](const FieldValue& value, uint64_t count) {
                                                   AppendFields({{"", {value}}}, out);
                                                   absl::StrAppend(&out, count, ",");
                                                 }));
  }
  return absl::OkStatus();
}

// All answers in one string, or the first error.
inline absl::StatusOr<std::string> ReadEverything(const std::shared_ptr<const Segment>& segment) {
  std::string out;
  RETURN_IF_ERROR(ReadDocuments(*segment, out));
  RETURN_IF_ERROR(ReadPassages(*segment, out));
  RETURN_IF_ERROR(ReadTerms(*segment, out));
  RETURN_IF_ERROR(ReadFields(*segment, out));
  RETURN_IF_ERROR(ReadCountedTerms(*segment, out));
  RETURN_IF_ERROR(ReadHits(segment, out));
  return out;
}

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_READ_EVERYTHING_H_
