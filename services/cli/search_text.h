// Search results as a person wants to read them.

#ifndef FORAKER_SERVICES_CLI_SEARCH_TEXT_H_
#define FORAKER_SERVICES_CLI_SEARCH_TEXT_H_

#include <cstddef>
#include <string>

#include "retrieval/api/searcher.h"
#include "services/cli/terminal.h"

namespace foraker::cli {

// Hits with their snippets, facets, explanations, and a line on how the answer came about. The
// first hit has the rank `first_rank`; `width`: columns of the terminal.
std::string ToText(const retrieval::SearchRequest& request, const retrieval::SearchResult& result,
                   size_t first_rank, const Style& style, size_t width);

std::string ToText(const retrieval::Value& value);

// "name: value, value · name: value"
std::string ToText(const retrieval::FieldValues& fields);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_SEARCH_TEXT_H_
