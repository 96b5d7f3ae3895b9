// foraker delete: documents by id, or all that a filter permits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/cli/commands.h"
#include "services/cli/filter_expression.h"
#include "services/cli/terminal.h"
#include "services/cli/write_target.h"

namespace foraker::cli {
namespace {

constexpr size_t kIdsOfRequest = 1'000;

struct DeleteArguments {
  Target target;
  std::string collection, filter;
  std::vector<std::string> ids;
  bool json = false;
};

struct Deleted {
  uint64_t count = 0;
  uint64_t sequence = 0;
  std::vector<std::string> missing;  // ids
};

absl::StatusOr<Deleted> DeleteIds(const DeleteArguments& arguments, retrieval::Writer& writer) {
  Deleted deleted;
  for (size_t begin = 0; begin < arguments.ids.size(); begin += kIdsOfRequest) {
    const size_t end = std::min(begin + kIdsOfRequest, arguments.ids.size());
    retrieval::WriteRequest request;
    request.collection = arguments.collection;
    for (size_t i = begin; i < end; ++i) {
      request.writes.push_back({retrieval::DeleteRequest{arguments.ids[i]}, std::nullopt});
    }
    ASSIGN_OR_RETURN(const retrieval::WriteReply reply, writer.Write(request));
    deleted.sequence = std::max(deleted.sequence, reply.sequence);
    for (size_t i = begin; i < end; ++i) {
      const absl::Status& status = reply.outcomes[i - begin].status;
      if (status.ok()) {
        ++deleted.count;
      } else if (absl::IsNotFound(status)) {
        deleted.missing.push_back(arguments.ids[i]);
      } else {
        return base::Annotate(status, arguments.ids[i]);
      }
    }
  }
  return deleted;
}

absl::StatusOr<Deleted> DeleteMatching(const DeleteArguments& arguments,
                                       retrieval::Writer& writer) {
  retrieval::DeleteMatchingRequest request;
  request.collection = arguments.collection;
  ASSIGN_OR_RETURN(request.filter, ParseFilter(arguments.filter));
  ASSIGN_OR_RETURN(const retrieval::DeleteMatchingReply reply, writer.DeleteMatching(request));
  return Deleted{reply.deleted, reply.sequence, {}};
}

absl::Status RunDelete(const DeleteArguments& arguments) {
  if (arguments.ids.empty() == arguments.filter.empty()) {
    return absl::InvalidArgumentError("give ids of documents, or a --filter");
  }
  ASSIGN_OR_RETURN(const WriteAccess access, OpenForWriting(arguments.target));
  ASSIGN_OR_RETURN(const Deleted deleted, arguments.filter.empty()
                                              ? DeleteIds(arguments, *access.writer)
                                              : DeleteMatching(arguments, *access.writer));
  if (arguments.json) {
    const nlohmann::ordered_json json = {
        {"deleted", deleted.count}, {"not_found", deleted.missing}, {"sequence", deleted.sequence}};
    std::printf(
        "%s\n",
        json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
  } else {
    std::printf("%s: %s deleted\n", arguments.collection.c_str(), Thousands(deleted.count).c_str());
  }
  if (deleted.missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrFormat("no document \"%s\"%s", Clean(deleted.missing.front()),
                      deleted.missing.size() == 1
                          ? ""
                          : absl::StrFormat(", nor %d others", deleted.missing.size() - 1)));
}

}  // namespace

void AddDeleteCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<DeleteArguments>();
  CLI::App* command = app.add_subcommand("delete", "Delete documents");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("id", arguments->ids, "Ids of documents");
  command
      ->add_option("--filter", arguments->filter,
                   "All that it permits, e.g. 'section = \"libs\" and size < 9'")
      ->type_name("EXPR");
  AddTargetOptions(*command, arguments->target);
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunDelete(*arguments); }; });
}

}  // namespace foraker::cli
