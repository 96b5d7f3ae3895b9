// foraker get, foraker list: documents by id, and all documents page by page.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "retrieval/api/searcher.h"
#include "services/cli/commands.h"
#include "services/cli/json_text.h"
#include "services/cli/search_text.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using retrieval::DocumentView;

struct GetArguments {
  Target target;
  std::string collection;
  std::vector<std::string> ids;
  bool json = false;
};

struct ListArguments {
  Target target;
  retrieval::ListRequest request;
  bool all = false;
  bool json = false;
};

void PrintWhole(const DocumentView& document, const Style& style) {
  std::printf("%s", style.Bold(Clean(document.id)).c_str());
  if (!document.title.empty() && document.title != document.id)
    std::printf("  %s", Clean(document.title).c_str());
  std::printf("\n%s\n", style.Dim(ToText(document.fields)).c_str());
  // Paragraphs stay apart; within one, lines are filled.
  const std::string& text = document.text;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    for (const std::string& line : WrapLines(Clean(text.substr(begin, end - begin)), 100))
      std::printf("%s\n", line.c_str());
    if (end == begin) std::printf("\n");
    begin = end + 1;
  }
  std::printf("\n");
}

absl::Status RunGet(const GetArguments& arguments) {
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::Searcher> searcher, OpenSearcher(arguments.target));
  ASSIGN_OR_RETURN(const std::vector<DocumentView> documents,
                   searcher->Get(arguments.collection, "", arguments.ids));
  const Style style = Style::For(stdout);
  for (const DocumentView& document : documents) {
    if (arguments.json) {
      std::printf("%s\n", ToJson(document, true).c_str());
    } else {
      PrintWhole(document, style);
    }
  }
  return absl::OkStatus();
}

void PrintPage(const ListArguments& arguments, const retrieval::ListResult& page) {
  if (arguments.json) {
    for (const DocumentView& document : page.documents)
      std::printf("%s\n", ToJson(document, arguments.request.with_text).c_str());
    return;
  }
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  for (const DocumentView& document : page.documents) {
    const std::string shown = document.title.empty() ? document.text : document.title;
    table.Add({Clean(document.id), Ellipsis(Clean(shown), 80)});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunList(ListArguments& arguments) {
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::Searcher> searcher, OpenSearcher(arguments.target));
  do {
    ASSIGN_OR_RETURN(const retrieval::ListResult page, searcher->List(arguments.request));
    PrintPage(arguments, page);
    arguments.request.page_token = page.next_page_token;
  } while (arguments.all && !arguments.request.page_token.empty());
  // On standard error, so that what follows in a pipe sees documents alone.
  if (!arguments.request.page_token.empty())
    std::fprintf(stderr, "next page: --page-token %s\n", arguments.request.page_token.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddGetCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<GetArguments>();
  CLI::App* command = app.add_subcommand("get", "Print documents by id");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("id", arguments->ids, "Ids of the documents")->required();
  AddTargetOptions(*command, arguments->target);
  command->add_flag("--json", arguments->json, "Print one JSON object a line");
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunGet(*arguments); }; });
}

void AddListCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command = app.add_subcommand("list", "List the documents of a collection");
  command->add_option("-c,--collection", arguments->request.collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("-n,--page-size", arguments->request.page_size, "Documents on a page")
      ->capture_default_str();
  command->add_option("--page-token", arguments->request.page_token, "Continue with this page");
  command->add_flag("--all", arguments->all, "All pages");
  command->add_flag("--text", arguments->request.with_text, "With --json: texts too");
  AddTargetOptions(*command, arguments->target);
  command->add_flag("--json", arguments->json, "Print one JSON object a line");
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunList(*arguments); }; });
}

}  // namespace foraker::cli
