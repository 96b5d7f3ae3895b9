// Results as JSON, each a single line of text: what --json prints. Keys are part of the command
// line's contract (docs/api.md); invalid UTF-8 in a text is replaced by U+FFFD. Pure functions.

#ifndef FORAKER_SERVICES_CLI_JSON_TEXT_H_
#define FORAKER_SERVICES_CLI_JSON_TEXT_H_

#include <string>

#include "retrieval/api/searcher.h"

namespace foraker::cli {

// {"hits": [{"id", "score", "rank_score", "title", "text", "fields", "passage", "passage_range",
// "snippets", "explanation"}], "exact", "bound" (not exact), "next_page_token", "facets",
// "explanations", "generation", "idf_version", "stats": {...}, "timing": {"query_ms", ...}}; parts
// that were not asked for are absent.
std::string ToJson(const retrieval::SearchRequest& request, const retrieval::SearchResult& result);

// {"id", "version", "title", "text", "fields"}
std::string ToJson(const retrieval::DocumentView& document, bool with_text);

// {"name", "aliases", "snapshots", "generation", "documents", ..., "settings": {...}}
std::string ToJson(const retrieval::CollectionSummary& collection);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_JSON_TEXT_H_
