#include "services/http/rerank.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/convert/status.h"
#include "services/http/compatible_call.h"

namespace foraker::http {
namespace {

struct Version {
  const char* number;  // of the API
  const char* path;
  bool return_documents;  // by default
};
constexpr Version kVersions[] = {{"1", "/v1/rerank", true}, {"2", "/v2/rerank", false}};

// Above what any list or document may hold; the ranking itself knows the true limits.
constexpr uint32_t kMostCounted = 1'000'000;

struct Asked {
  v1::RankRequest request;
  Json documents;
  bool return_documents = false;
};

absl::Status CheckRankFields(JsonMembers& members) {
  const Json* fields = members.Find("rank_fields");
  if (fields == nullptr || *fields == Json::array({"text"})) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "rank_fields: expected [\"text\"]: put what is to be read into \"text\"");
}

absl::Status AddDocument(const Json& document, size_t index, v1::RankRequest& request) {
  const std::string name = absl::StrCat("documents[", index, "]");
  std::string& text = *request.add_documents()->mutable_text()->mutable_text();
  if (document.is_string()) {
    text = document.get<std::string>();
    return absl::OkStatus();
  }
  const auto member = document.find("text");
  if (!document.is_object() || member == document.end()) {
    return Unexpected(name, "a string or an object with a \"text\"", document);
  }
  if (!member->is_string()) return Unexpected(name + ".text", "a string", *member);
  text = member->get<std::string>();
  return absl::OkStatus();
}

absl::StatusOr<Asked> Read(const std::string& body, const Version& version) {
  ASSIGN_OR_RETURN(JsonMembers members, JsonMembers::Parse(body));
  Asked asked;
  asked.return_documents = version.return_documents;
  std::string model;
  uint32_t top_n = kMostCounted, document_tokens = 0;
  RETURN_IF_ERROR(members.Read("model", model));
  RETURN_IF_ERROR(members.Require("query", *asked.request.mutable_query()));
  ASSIGN_OR_RETURN(asked.documents, members.RequireArray("documents"));
  RETURN_IF_ERROR(members.Read("top_n", 1, kMostCounted, top_n));
  RETURN_IF_ERROR(members.Read("return_documents", asked.return_documents));
  RETURN_IF_ERROR(members.Read("max_tokens_per_doc", 1, kMostCounted, document_tokens));
  RETURN_IF_ERROR(CheckRankFields(members));
  RETURN_IF_ERROR(members.CheckNoOthers());
  for (size_t i = 0; i < asked.documents.size(); ++i) {
    RETURN_IF_ERROR(AddDocument(asked.documents[i], i, asked.request));
  }
  const auto count = static_cast<uint32_t>(asked.documents.size());
  v1::RankOptions& options = *asked.request.mutable_options();
  options.set_top_n(std::min(top_n, count));
  options.set_max_document_tokens(document_tokens);
  return asked;
}

Json Results(const Asked& asked, const v1::RankResponse& ranked) {
  Json results = Json::array();
  for (const v1::RankedDocument& document : ranked.documents()) {
    Json result = {{"index", document.index()}, {"relevance_score", document.rank_score()}};
    if (asked.return_documents) {
      const Json& given = asked.documents[document.index()];
      result["document"] = given.is_string() ? Json::object({{"text", given}}) : given;
    }
    results.push_back(std::move(result));
  }
  return results;
}

Json Reply(const Asked& asked, const Version& version, const std::string& id,
           const v1::RankResponse& ranked) {
  const uint32_t tokens = ranked.prompt_tokens();
  const Json meta = {{"api_version", Json::object({{"version", version.number}})},
                     {"tokens", {{"input_tokens", tokens}, {"output_tokens", 0}}}};
  return {{"id", id},
          {"model", ranked.model()},
          {"results", Results(asked, ranked)},
          {"meta", meta},
          {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
}

CompatibleError Error(const EndedCall& failed) {
  const absl::Status& status = failed.outcome.status;
  // Our own name of the option would puzzle who sent another.
  const std::string message =
      absl::StrReplaceAll(status.message(), {{"max_document_tokens", "max_tokens_per_doc"}});
  return {convert::HttpStatus(status.code()),
          {{"id", failed.request_id}, {"message", message}, {"detail", message}}};
}

Response Rerank(server::RankApi& api, server::CallRunner& runner, const Version& version,
                const Request& request) {
  const auto work = [&](server::Call& call, Json& reply) -> absl::Status {
    ASSIGN_OR_RETURN(const Asked asked, Read(request.body, version));
    v1::RankResponse ranked;
    RETURN_IF_ERROR(api.Rank(asked.request, call, ranked));
    reply = Reply(asked, version, call.request_id, ranked);
    return absl::OkStatus();
  };
  return RunCompatible(runner, "Rank", request, 1, Error, work);
}

}  // namespace

std::vector<HttpServer::Route> RerankRoutes(const server::Apis& apis,
                                            const server::Runners& runners,
                                            const std::shared_ptr<RankPlaces>& places) {
  std::vector<HttpServer::Route> routes;
  for (const Version& version : kVersions) {
    const auto handler = [&api = apis.rank, &runner = runners.rank, &version,
                          places](const Request& request) {
      return places->Run([&] { return Rerank(api, runner, version, request); },
                         [](const EndedCall& failed) { return ErrorResponse(Error, failed); });
    };
    routes.push_back({"POST", version.path, handler});
  }
  return routes;
}

}  // namespace foraker::http
