#include "services/convert/search_result.h"

#include <string>
#include <tuple>
#include <utility>

#include "absl/time/time.h"
#include "base/status.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

void ToProto(const retrieval::Explanation& from, v1::Explanation& to) {
  to.set_document_id(from.document_id);
  to.set_found(from.found);
  to.set_permitted(from.permitted);
  to.set_retrieval_score(from.score);
  to.set_passage(from.passage);
  to.set_reason(from.reason);
  for (const retrieval::TermContribution& term : from.terms) {
    v1::TermContribution& added = *to.add_terms();
    TermToProto(term.kind, term.term, *added.mutable_term());
    added.set_query_weight(term.query_weight);
    added.set_stored_weight(term.stored_weight);
    added.set_document_frequency(term.document_frequency);
    added.set_idf(term.idf);
    if (term.word.has_value()) convert::ToProto(*term.word, *added.mutable_word());
    added.set_word_text(term.word_text);
    added.set_in_title(term.in_title);
  }
}

retrieval::Explanation FromProto(const v1::Explanation& from) {
  retrieval::Explanation to;
  to.document_id = from.document_id();
  to.found = from.found();
  to.permitted = from.permitted();
  to.score = from.retrieval_score();
  to.passage = from.passage();
  to.reason = from.reason();
  for (const v1::TermContribution& term : from.terms()) {
    retrieval::TermContribution& added = to.terms.emplace_back();
    std::tie(added.kind, added.term) = convert::FromProto(term.term());
    added.query_weight = term.query_weight();
    added.stored_weight = term.stored_weight();
    added.document_frequency = term.document_frequency();
    added.idf = term.idf();
    if (term.has_word()) added.word = convert::FromProto(term.word());
    added.word_text = term.word_text();
    added.in_title = term.in_title();
  }
  return to;
}

void ToProto(const retrieval::SearchHit& from, v1::Hit& to) {
  convert::ToProto(from.document, *to.mutable_document());
  to.set_retrieval_score(from.score);
  to.set_passage(from.passage);
  convert::ToProto(from.passage_range, *to.mutable_passage_range());
  for (const retrieval::Snippet& snippet : from.snippets) {
    v1::Snippet& added = *to.add_snippets();
    added.set_text(snippet.text);
    convert::ToProto(snippet.source, *added.mutable_source());
    for (const retrieval::ByteRange& range : snippet.highlights) {
      convert::ToProto(range, *added.add_highlights());
    }
  }
  if (from.explanation.has_value()) ToProto(*from.explanation, *to.mutable_explanation());
  if (from.rank_score.has_value()) to.set_rank_score(*from.rank_score);
}

absl::StatusOr<retrieval::SearchHit> FromProto(const v1::Hit& from) {
  retrieval::SearchHit to;
  ASSIGN_OR_RETURN(to.document, convert::FromProto(from.document()));
  to.score = from.retrieval_score();
  to.passage = from.passage();
  to.passage_range = convert::FromProto(from.passage_range());
  for (const v1::Snippet& snippet : from.snippets()) {
    retrieval::Snippet& added = to.snippets.emplace_back();
    added.text = snippet.text();
    added.source = convert::FromProto(snippet.source());
    for (const v1::ByteRange& range : snippet.highlights()) {
      added.highlights.push_back(convert::FromProto(range));
    }
  }
  if (from.has_explanation()) to.explanation = FromProto(from.explanation());
  if (from.has_rank_score()) to.rank_score = from.rank_score();
  return to;
}

void ToProto(const retrieval::Facet& from, v1::Facet& to) {
  to.set_field(from.field);
  to.set_other_count(from.other);
  for (const retrieval::FacetValue& value : from.values) {
    v1::FacetValue& added = *to.add_values();
    convert::ToProto(value.value, *added.mutable_value());
    added.set_count(value.count);
  }
}

absl::StatusOr<retrieval::Facet> FromProto(const v1::Facet& from) {
  retrieval::Facet to;
  to.field = from.field();
  to.other = from.other_count();
  for (const v1::FacetValue& value : from.values()) {
    retrieval::FacetValue& added = to.values.emplace_back();
    ASSIGN_OR_RETURN(added.value, convert::FromProto(value.value(), FieldPath()));
    added.count = value.count();
  }
  return to;
}

void ToProto(const retrieval::SearchTiming& from, v1::SearchTiming& to) {
  const auto micros = [](uint64_t value) {
    return absl::Microseconds(static_cast<int64_t>(value));
  };
  convert::ToProto(micros(from.query), *to.mutable_query());
  convert::ToProto(micros(from.filter), *to.mutable_filter());
  convert::ToProto(micros(from.retrieve), *to.mutable_retrieve());
  convert::ToProto(micros(from.fetch), *to.mutable_fetch());
  convert::ToProto(micros(from.total), *to.mutable_total());
  convert::ToProto(micros(from.rerank), *to.mutable_rerank());
}

uint64_t Micros(const google::protobuf::Duration& from) {
  return static_cast<uint64_t>(from.seconds()) * 1'000'000 +
         static_cast<uint64_t>(from.nanos()) / 1'000;
}

// Replies are checked less than requests: what is wrong in one is the server's fault.
absl::Status Nonsense(const absl::Status& status) {
  return absl::InternalError(absl::StrCat("the server's reply: ", status.message()));
}

}  // namespace

void ToProto(const retrieval::SearchResult& from, v1::SearchResponse& to) {
  for (const retrieval::SearchHit& hit : from.hits) ToProto(hit, *to.add_hits());
  to.mutable_certificate()->set_exact(from.exact);
  if (!from.exact) to.mutable_certificate()->set_bound(from.bound);
  to.set_next_page_token(from.next_page_token);
  for (const retrieval::Facet& facet : from.facets) ToProto(facet, *to.add_facets());
  for (const retrieval::Explanation& explanation : from.explanations) {
    ToProto(explanation, *to.add_explanations());
  }
  to.set_generation(from.generation);
  to.set_idf_version(from.idf_version);
  v1::SearchStats& stats = *to.mutable_stats();
  stats.set_postings_predicted(from.postings_predicted);
  stats.set_postings_scanned(from.postings_scanned);
  stats.set_passages_rescored(from.passages_rescored);
  stats.set_filtered_documents(from.filtered_documents);
  stats.set_terms_known(from.terms_known);
  stats.set_terms_unknown(from.terms_unknown);
  stats.set_query_tokens_dropped(from.query_tokens_dropped);
  stats.set_rank_tokens(from.rank_tokens);
  stats.set_rank_tokens_dropped(from.rank_tokens_dropped);
  ToProto(from.timing, *to.mutable_timing());
}

absl::StatusOr<retrieval::SearchResult> FromProto(const v1::SearchResponse& from) {
  retrieval::SearchResult to;
  for (const v1::Hit& hit : from.hits()) {
    auto converted = FromProto(hit);
    if (!converted.ok()) return Nonsense(converted.status());
    to.hits.push_back(*std::move(converted));
  }
  to.exact = from.certificate().exact();
  to.bound = from.certificate().bound();
  to.next_page_token = from.next_page_token();
  for (const v1::Facet& facet : from.facets()) {
    auto converted = FromProto(facet);
    if (!converted.ok()) return Nonsense(converted.status());
    to.facets.push_back(*std::move(converted));
  }
  for (const v1::Explanation& explanation : from.explanations()) {
    to.explanations.push_back(FromProto(explanation));
  }
  to.generation = from.generation();
  to.idf_version = from.idf_version();
  to.postings_predicted = from.stats().postings_predicted();
  to.postings_scanned = from.stats().postings_scanned();
  to.passages_rescored = from.stats().passages_rescored();
  to.filtered_documents = from.stats().filtered_documents();
  to.terms_known = from.stats().terms_known();
  to.terms_unknown = from.stats().terms_unknown();
  to.query_tokens_dropped = from.stats().query_tokens_dropped();
  to.rank_tokens = from.stats().rank_tokens();
  to.rank_tokens_dropped = from.stats().rank_tokens_dropped();
  const v1::SearchTiming& timing = from.timing();
  to.timing = {Micros(timing.query()), Micros(timing.filter()), Micros(timing.retrieve()),
               Micros(timing.fetch()), Micros(timing.total()),  Micros(timing.rerank())};
  return to;
}

void ToProto(const retrieval::AnalyzedTerm& from, v1::AnalyzedTerm& to) {
  TermToProto(from.kind, from.term, *to.mutable_term());
  to.set_idf(from.idf);
  to.set_document_frequency(from.document_frequency);
  to.set_weight(from.weight);
  ToProto(from.range, *to.mutable_range());
}

retrieval::AnalyzedTerm FromProto(const v1::AnalyzedTerm& from) {
  retrieval::AnalyzedTerm to;
  std::tie(to.kind, to.term) = FromProto(from.term());
  to.idf = from.idf();
  to.document_frequency = from.document_frequency();
  to.weight = from.weight();
  to.range = FromProto(from.range());
  return to;
}

void ToProto(const retrieval::Link& from, v1::Link& to) {
  to.mutable_source()->set_document_id(from.source.document_id);
  to.mutable_source()->set_passage(from.source.passage);
  ToProto(from.range, *to.mutable_range());
  to.set_title(from.title);
  for (const std::string& id : from.document_ids) to.add_document_ids(id);
  to.set_title_idf(from.title_idf);
}

retrieval::Link FromProto(const v1::Link& from) {
  retrieval::Link to;
  to.source = {from.source().document_id(), from.source().passage()};
  to.range = FromProto(from.range());
  to.title = from.title();
  to.document_ids.assign(from.document_ids().begin(), from.document_ids().end());
  to.title_idf = from.title_idf();
  return to;
}

}  // namespace foraker::convert
