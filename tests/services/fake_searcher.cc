#include "fake_searcher.h"

namespace foraker {

retrieval::SearchResult FullResult() {
  const retrieval::TermContribution term{"title", "grand canal", 1.5f,    1.0f, 3,
                                         2.25,    {{4, 9}},      "Grand", false};
  const retrieval::TermContribution from_title{"token", "##ing", 1.5f, 1.0f, 3, 2.25, {}, "", true};
  retrieval::Explanation explanation{"d1", true, true, 1.5f, 1, {term, from_title}, "ranked 1st"};
  retrieval::SearchHit hit;
  hit.document = {"d1", 9, "Venice", "The Grand Canal.", {}};
  hit.document.fields = {
      {"flag", {true}},         {"rating", {4.5, -0.25}},
      {"tag", {"a", "b"}},      {"when", {absl::FromUnixMicros(1'700'000'000'123'456)}},
      {"year", {int64_t{-44}}},
  };
  hit.score = 1.5f;
  hit.passage = 1;
  hit.passage_range = {0, 16};
  hit.snippets = {{"Grand Canal", {4, 15}, {{0, 5}, {6, 11}}}};
  hit.explanation = explanation;
  hit.rank_score = 0.25f;

  retrieval::SearchResult result;
  result.hits = {hit};
  result.exact = false;
  result.bound = 0.75f;
  result.next_page_token = "next";
  result.facets = {{"tag", {{"a", 5}, {"b", 2}}, 4}};
  result.explanations = {explanation};
  result.generation = 7;
  result.idf_version = 6;
  result.postings_predicted = 1'000;
  result.postings_scanned = 400;
  result.passages_rescored = 12;
  result.filtered_documents = 90;
  result.terms_known = 2;
  result.terms_unknown = 1;
  result.query_tokens_dropped = 3;
  result.rank_tokens = 900;
  result.rank_tokens_dropped = 17;
  result.timing = {10, 20, 2'000'030, 40, 2'000'100, 50};
  return result;
}

}  // namespace foraker
