// foraker search: the best hits for a query, from a data directory or a server.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "retrieval/api/searcher.h"
#include "services/cli/commands.h"
#include "services/cli/filter_expression.h"
#include "services/cli/json_text.h"
#include "services/cli/query_file.h"
#include "services/cli/rank_options.h"
#include "services/cli/search_text.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/cli/text_query_options.h"

namespace foraker::cli {
namespace {

struct SearchArguments {
  Target target;
  retrieval::SearchRequest request;
  std::vector<std::string> words;  // of a text
  std::string like, vector;        // instead of a text
  TextQueryOptions text;
  bool rerank = false;
  RerankFlags reranking;
  std::string filter;
  std::vector<std::string> facets;  // "field" or "field:limit"
  uint32_t facet_hits = 0;
  std::optional<uint32_t> snippet_chars;
  uint32_t page = 1;
  bool passages = false;
  double time_limit_ms = 0;
  bool json = false;
};

absl::StatusOr<retrieval::Query> MakeQuery(const SearchArguments& arguments) {
  const int given = static_cast<int>(!arguments.words.empty()) +
                    static_cast<int>(!arguments.like.empty()) +
                    static_cast<int>(!arguments.vector.empty());
  if (given != 1)
    return absl::InvalidArgumentError("give one query: a text, --like ID or --vector JSON");
  if (!arguments.like.empty()) return retrieval::DocumentQuery{arguments.like};
  if (!arguments.vector.empty()) {
    absl::StatusOr<retrieval::SparseQuery> query = ParseImportedTerms(arguments.vector);
    if (!query.ok()) return base::Annotate(query.status(), "--vector");
    return *std::move(query);
  }
  retrieval::TextQuery text{absl::StrJoin(arguments.words, " "), {}, {}};
  arguments.text.Apply(text);
  return text;
}

// "field" or "field:limit"; a field whose name ends in a colon and digits needs the limit.
absl::StatusOr<retrieval::FacetRequest> ParseFacet(const std::string& text, uint32_t best_hits) {
  retrieval::FacetRequest facet;
  facet.best_hits = best_hits;
  const size_t colon = text.rfind(':');
  facet.field = text.substr(0, colon);
  if (colon != std::string::npos && !absl::SimpleAtoi(text.substr(colon + 1), &facet.limit))
    return absl::InvalidArgumentError(
        absl::StrFormat("--facet %s: expected FIELD or FIELD:LIMIT", text));
  return facet;
}

absl::Status CompleteRequest(SearchArguments& arguments) {
  retrieval::SearchRequest& request = arguments.request;
  ASSIGN_OR_RETURN(request.query, MakeQuery(arguments));
  if (!arguments.filter.empty()) {
    ASSIGN_OR_RETURN(request.filter, ParseFilter(arguments.filter));
  }
  for (const std::string& facet : arguments.facets) {
    ASSIGN_OR_RETURN(retrieval::FacetRequest parsed, ParseFacet(facet, arguments.facet_hits));
    request.facets.push_back(std::move(parsed));
  }
  if (arguments.passages) request.collapse = retrieval::CollapseMode::kNone;
  if (!request.page_token.empty()) request.want_page_token = true;
  if (arguments.time_limit_ms > 0)
    request.deadline = absl::Now() + absl::Milliseconds(arguments.time_limit_ms);
  if (arguments.rerank) {
    request.rerank = arguments.reranking.ToStage();
    request.k = std::min(request.k, request.rerank->candidates);  // there are no more
  }
  // A person reads snippets, a program the text.
  if (arguments.snippet_chars || !arguments.json) request.snippet.emplace();
  if (arguments.snippet_chars) request.snippet->max_chars = *arguments.snippet_chars;
  if (!arguments.json) {
    request.with_text = false;
    request.with_fields = !request.field_mask.empty();
  }
  return absl::OkStatus();
}

// Walks to the page that was asked for; a page behind the last one is empty. All on one snapshot,
// which the tokens hold while this process (or the server) lives.
absl::StatusOr<retrieval::SearchResult> SearchPage(retrieval::Searcher& searcher,
                                                   retrieval::SearchRequest request,
                                                   uint32_t page) {
  request.want_page_token = request.want_page_token || page > 1;
  ASSIGN_OR_RETURN(retrieval::SearchResult result, searcher.Search(request));
  for (uint32_t i = 1; i < page; ++i) {
    if (result.next_page_token.empty()) {
      result.hits.clear();
      break;
    }
    request.page_token = result.next_page_token;
    ASSIGN_OR_RETURN(result, searcher.Search(request));
  }
  return result;
}

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcherOf(
    const SearchArguments& arguments) {
  if (!arguments.rerank) return OpenSearcher(arguments.target);
  // The order of later pages is where the model is.
  if (!arguments.reranking.model().empty() && arguments.request.want_page_token) {
    return absl::InvalidArgumentError(
        "--next-page and --page-token need the server's own model, not --rank-model");
  }
  return arguments.reranking.OpenSearcher(arguments.target);
}

absl::Status RunSearch(SearchArguments& arguments) {
  RETURN_IF_ERROR(CompleteRequest(arguments));
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::Searcher> searcher, OpenSearcherOf(arguments));
  ASSIGN_OR_RETURN(retrieval::SearchResult result,
                   SearchPage(*searcher, arguments.request, arguments.page));
  if (!arguments.request.want_page_token) result.next_page_token.clear();
  if (arguments.json) {
    std::printf("%s\n", ToJson(arguments.request, result).c_str());
  } else {
    const size_t first_rank = size_t{arguments.page - 1} * arguments.request.k + 1;
    std::fputs(
        ToText(arguments.request, result, first_rank, Style::For(stdout), TerminalWidth(stdout))
            .c_str(),
        stdout);
  }
  return absl::OkStatus();
}

void AddQueryOptions(CLI::App& command, SearchArguments& arguments) {
  constexpr const char* kGroup = "Query";
  command.add_option("query", arguments.words, "Text to search for");
  command.add_option("--like", arguments.like, "Search for documents like this one")
      ->type_name("ID")
      ->group(kGroup);
  command.add_option("--vector", arguments.vector, "Search with imported terms: {token: weight}")
      ->type_name("JSON")
      ->group(kGroup);
  arguments.text.AddTo(command, kGroup);
  command
      .add_option("--filter", arguments.filter,
                  "Only these, e.g. 'section = \"libs\" and size < 9 and not exists(homepage)'")
      ->type_name("EXPR")
      ->group(kGroup);
  command.add_flag("--passages", arguments.passages, "A hit is a passage, not a document")
      ->group(kGroup);
  command.add_option("--max-postings", arguments.request.max_postings, "Stop after so many")
      ->group(kGroup);
  command.add_option("--time-limit", arguments.time_limit_ms, "Stop after so long")
      ->type_name("MS")
      ->group(kGroup);
}

void AddRerankOptions(CLI::App& command, SearchArguments& arguments) {
  constexpr const char* kGroup = "Rerank";
  command
      .add_flag("--rerank", arguments.rerank,
                "Let a language model read the best hits and order them anew")
      ->group(kGroup);
  arguments.reranking.AddTo(command, kGroup);
}

void AddOutputOptions(CLI::App& command, SearchArguments& arguments) {
  constexpr const char* kGroup = "Output";
  retrieval::SearchRequest& request = arguments.request;
  command.add_option("--snippet", arguments.snippet_chars, "Snippets of about so many characters")
      ->type_name("CHARS")
      ->group(kGroup);
  command.add_option("--fields", request.field_mask, "Show these fields")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("FIELD,...")
      ->group(kGroup);
  command.add_option("--facet", arguments.facets, "Count this field's values; repeatable")
      ->allow_extra_args(false)
      ->type_name("FIELD[:LIMIT]")
      ->group(kGroup);
  command
      .add_option("--facet-hits", arguments.facet_hits,
                  "Count facets over the best so many hits [over all that pass the filter]")
      ->group(kGroup);
  command.add_flag("--explain", request.explain, "Show each term's part of the scores")
      ->group(kGroup);
  command.add_option("--explain-id", request.explain_ids, "Explain this document, hit or not")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->group(kGroup);
  command.add_option("--page", arguments.page, "Show this page of hits, from 1")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->group(kGroup);
  command.add_flag("--next-page", request.want_page_token, "Print a token for the next page")
      ->needs("--server")
      ->group(kGroup);
  command.add_option("--page-token", request.page_token, "Continue with this token")
      ->needs("--server")
      ->type_name("TOKEN")
      ->group(kGroup);
  command.add_flag("--json", arguments.json, "Print one JSON object")->group(kGroup);
}

}  // namespace

void AddSearchCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<SearchArguments>();
  CLI::App* command = app.add_subcommand("search", "Search a collection");
  command->add_option("-c,--collection", arguments->request.collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("-k", arguments->request.k, "Hits")->capture_default_str();
  AddTargetOptions(*command, arguments->target);
  AddQueryOptions(*command, *arguments);
  AddRerankOptions(*command, *arguments);
  AddOutputOptions(*command, *arguments);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunSearch(*arguments); }; });
}

}  // namespace foraker::cli
