#include "services/cli/json_text.h"

#include <nlohmann/json.hpp>
#include <type_traits>
#include <variant>
#include <vector>

namespace foraker::cli {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order in which they are set
using retrieval::ByteRange;
using retrieval::Explanation;
using retrieval::Facet;
using retrieval::FieldValues;
using retrieval::SearchHit;
using retrieval::SearchRequest;
using retrieval::SearchResult;
using retrieval::Value;

std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToValue(const Value& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, absl::Time>) {
          return absl::FormatTime(absl::RFC3339_full, held, absl::UTCTimeZone());
        } else {
          return held;
        }
      },
      value);
}

Json ToValue(const ByteRange& range) { return Json::array({range.begin, range.end}); }

// A field with one value is that value, with several a list.
Json ToValue(const FieldValues& fields) {
  Json json = Json::object();
  for (const auto& [name, values] : fields) {
    if (values.size() == 1) {
      json[name] = ToValue(values.front());
      continue;
    }
    Json list = Json::array();
    for (const Value& value : values) list.push_back(ToValue(value));
    json[name] = std::move(list);
  }
  return json;
}

Json ToValue(const Explanation& explanation) {
  Json terms = Json::array();
  for (const retrieval::TermContribution& term : explanation.terms) {
    Json json = {{"kind", term.kind},
                 {"term", term.term},
                 {"query_weight", term.query_weight},
                 {"stored_weight", term.stored_weight},
                 {"document_frequency", term.document_frequency},
                 {"idf", term.idf}};
    if (term.word) {
      json["word"] = ToValue(*term.word);
      json["word_text"] = term.word_text;
    }
    if (term.in_title) json["in_title"] = true;
    terms.push_back(std::move(json));
  }
  return {{"id", explanation.document_id},      {"found", explanation.found},
          {"permitted", explanation.permitted}, {"score", explanation.score},
          {"passage", explanation.passage},     {"terms", std::move(terms)},
          {"reason", explanation.reason}};
}

Json ToValue(const SearchHit& hit, const SearchRequest& request) {
  Json json = {{"id", hit.document.id}, {"score", hit.score}};
  if (hit.rank_score) json["rank_score"] = *hit.rank_score;
  if (request.with_title) json["title"] = hit.document.title;
  if (request.with_text) json["text"] = hit.document.text;
  if (request.with_fields) json["fields"] = ToValue(hit.document.fields);
  json["passage"] = hit.passage;
  json["passage_range"] = ToValue(hit.passage_range);
  if (request.snippet) {
    Json snippets = Json::array();
    for (const retrieval::Snippet& snippet : hit.snippets) {
      Json highlights = Json::array();
      for (const ByteRange& range : snippet.highlights) highlights.push_back(ToValue(range));
      snippets.push_back({{"text", snippet.text},
                          {"source", ToValue(snippet.source)},
                          {"highlights", std::move(highlights)}});
    }
    json["snippets"] = std::move(snippets);
  }
  if (hit.explanation) json["explanation"] = ToValue(*hit.explanation);
  return json;
}

Json ToValue(const Facet& facet) {
  Json values = Json::array();
  for (const retrieval::FacetValue& value : facet.values)
    values.push_back({{"value", ToValue(value.value)}, {"count", value.count}});
  return {{"field", facet.field}, {"values", std::move(values)}, {"other", facet.other}};
}

Json StatsOf(const SearchRequest& request, const SearchResult& result) {
  Json json = {{"postings_predicted", result.postings_predicted},
               {"postings_scanned", result.postings_scanned},
               {"passages_rescored", result.passages_rescored},
               {"filtered_documents", result.filtered_documents},
               {"terms_known", result.terms_known},
               {"terms_unknown", result.terms_unknown},
               {"query_tokens_dropped", result.query_tokens_dropped}};
  if (request.rerank) {
    json["rank_tokens"] = result.rank_tokens;
    json["rank_tokens_dropped"] = result.rank_tokens_dropped;
  }
  return json;
}

Json TimingOf(const SearchRequest& request, const retrieval::SearchTiming& timing) {
  const auto ms = [](uint64_t micros) { return static_cast<double>(micros) / 1000; };
  Json json = {{"query_ms", ms(timing.query)},
               {"filter_ms", ms(timing.filter)},
               {"retrieve_ms", ms(timing.retrieve)},
               {"fetch_ms", ms(timing.fetch)},
               {"total_ms", ms(timing.total)}};
  if (request.rerank) json["rerank_ms"] = ms(timing.rerank);
  return json;
}

}  // namespace

std::string ToJson(const SearchRequest& request, const SearchResult& result) {
  Json json;
  json["hits"] = Json::array();
  for (const SearchHit& hit : result.hits) json["hits"].push_back(ToValue(hit, request));
  json["exact"] = result.exact;
  if (!result.exact) json["bound"] = result.bound;
  if (!result.next_page_token.empty()) json["next_page_token"] = result.next_page_token;
  if (!request.facets.empty()) {
    json["facets"] = Json::array();
    for (const Facet& facet : result.facets) json["facets"].push_back(ToValue(facet));
  }
  if (!request.explain_ids.empty()) {
    json["explanations"] = Json::array();
    for (const Explanation& explanation : result.explanations)
      json["explanations"].push_back(ToValue(explanation));
  }
  json["generation"] = result.generation;
  json["idf_version"] = result.idf_version;
  json["stats"] = StatsOf(request, result);
  json["timing"] = TimingOf(request, result.timing);
  return Line(json);
}

std::string ToJson(const retrieval::DocumentView& document, bool with_text) {
  Json json = {{"id", document.id}, {"version", document.version}, {"title", document.title}};
  if (with_text) json["text"] = document.text;
  json["fields"] = ToValue(document.fields);
  return Line(json);
}

std::string ToJson(const retrieval::CollectionSummary& collection) {
  Json json = {{"name", collection.name},
               {"aliases", collection.aliases},
               {"snapshots", collection.snapshots},
               {"generation", collection.generation},
               {"documents", collection.documents},
               {"passages", collection.passages},
               {"segments", collection.segments},
               {"bytes", collection.bytes},
               {"idf_version", collection.idf_version},
               {"encoder", collection.encoder},
               {"analyzer", collection.analyzer}};
  Json fields = Json::object();
  for (const auto& [name, type] : collection.fields) fields[name] = type;
  json["fields"] = std::move(fields);
  Json sections = Json::object();
  for (const auto& [name, bytes] : collection.section_bytes) sections[name] = bytes;
  json["section_bytes"] = std::move(sections);
  json["settings"] = Json::parse(collection.settings_json, nullptr, false);
  if (json["settings"].is_discarded()) json["settings"] = nullptr;
  return Line(json);
}

}  // namespace foraker::cli
