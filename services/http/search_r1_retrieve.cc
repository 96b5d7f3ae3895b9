#include "services/http/search_r1_retrieve.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/convert/status.h"
#include "services/http/compatible_call.h"
#include "services/http/passage_search.h"

namespace foraker::http {
namespace {

constexpr size_t kMaxQueries = 10'000;
constexpr size_t kMaxDocuments = 100'000;  // of all queries together, so that the reply has a bound
constexpr size_t kBatch = 1'000;           // searches of one BatchSearch

struct Asked {
  std::vector<std::string> queries;
  uint32_t topk = 3;
  bool return_scores = false;
  std::string collection;
};

absl::StatusOr<Asked> Read(const std::string& body) {
  ASSIGN_OR_RETURN(JsonMembers members, JsonMembers::Parse(body));
  Asked asked;
  ASSIGN_OR_RETURN(const Json queries, members.RequireArray("queries"));
  RETURN_IF_ERROR(members.Read("topk", 1, kMostPassages, asked.topk));
  RETURN_IF_ERROR(members.Read("return_scores", asked.return_scores));
  RETURN_IF_ERROR(members.Read("collection", asked.collection));
  RETURN_IF_ERROR(members.CheckNoOthers());
  if (queries.size() > kMaxQueries || queries.size() * asked.topk > kMaxDocuments) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "queries: expected at most %d, of %d documents together (topk), got %d of %d", kMaxQueries,
        kMaxDocuments, queries.size(), queries.size() * asked.topk));
  }
  for (const Json& query : queries) {
    if (!query.is_string()) {
      return Unexpected(absl::StrCat("queries[", asked.queries.size(), "]"), "a string", query);
    }
    asked.queries.push_back(query.get<std::string>());
  }
  return asked;
}

// The first line is the title whatever it holds.
std::string Contents(const v1::Hit& hit) {
  std::string title = hit.document().title();
  std::replace(title.begin(), title.end(), '\n', ' ');
  return absl::StrCat("\"", title, "\"\n", base::ToAbsl(PassageText(hit)));
}

Json Documents(const v1::SearchResponse& found, bool with_scores) {
  Json documents = Json::array();
  for (const v1::Hit& hit : found.hits()) {
    Json document = {{"id", hit.document().id()}, {"contents", Contents(hit)}};
    if (with_scores) {
      document = {{"document", std::move(document)}, {"score", hit.retrieval_score()}};
    }
    documents.push_back(std::move(document));
  }
  return documents;
}

// The queries from `begin` on that go together; adds their documents to `result`.
absl::Status SearchBatch(const Asked& asked, size_t begin, size_t end, server::SearchApi& api,
                         server::Call& call, v1::BatchSearchRequest batch, Json& result) {
  v1::BatchSearchResponse found;
  for (size_t i = begin; i < end; ++i) {
    FillPassageSearch(asked.queries[i], asked.topk, *batch.add_requests());
  }
  RETURN_IF_ERROR(api.BatchSearch(batch, call, found));
  for (const v1::BatchSearchResult& one : found.results()) {
    if (one.has_error()) {
      return base::Annotate(convert::FromProto(one.error()),
                            absl::StrCat("queries[", result.size(), "]"));
    }
    result.push_back(Documents(one.response(), asked.return_scores));
  }
  return absl::OkStatus();
}

absl::Status Retrieve(const Asked& asked, const std::string& collection, const server::Apis& apis,
                      server::Call& call, Json& reply) {
  v1::PinRequest pin;
  v1::SnapshotLease lease;
  pin.set_collection(collection);
  RETURN_IF_ERROR(apis.index.Pin(pin, call, lease));
  const absl::Cleanup release = [&] {
    v1::ReleaseRequest request;
    v1::ReleaseResponse released;
    request.set_snapshot(lease.snapshot());
    apis.index.Release(request, call, released).IgnoreError();  // it ends by itself
  };
  v1::BatchSearchRequest batch;
  batch.set_collection(collection);
  batch.set_snapshot(lease.snapshot());
  Json result = Json::array();
  for (size_t begin = 0; begin < asked.queries.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, asked.queries.size());
    RETURN_IF_ERROR(SearchBatch(asked, begin, end, apis.search, call, batch, result));
  }
  reply["result"] = std::move(result);
  return absl::OkStatus();
}

CompatibleError Error(const EndedCall& failed) {
  const absl::Status& status = failed.outcome.status;
  const std::string message(base::ToStd(status.message()));
  if (!absl::IsInvalidArgument(status)) {
    return {convert::HttpStatus(status.code()), Json::object({{"detail", message}})};
  }
  const Json detail = {{"type", "value_error"}, {"loc", Json::array({"body"})}, {"msg", message}};
  return {422, Json::object({{"detail", Json::array({detail})}})};
}

}  // namespace

HttpServer::Route SearchR1RetrieveRoute(const server::Apis& apis, const server::Runners& runners,
                                        const DefaultCollection& collection) {
  const auto handler = [apis, &runner = runners.read, collection](const Request& request) {
    const absl::StatusOr<Asked> asked = Read(request.body);
    const auto work = [&](server::Call& call, Json& reply) -> absl::Status {
      RETURN_IF_ERROR(asked.status());
      ASSIGN_OR_RETURN(const std::string name, collection.For(asked->collection, call));
      return Retrieve(*asked, name, apis, call, reply);
    };
    const size_t searches = asked.ok() ? std::max<size_t>(asked->queries.size(), 1) : 1;
    return RunCompatible(runner, "BatchSearch", request, static_cast<uint32_t>(searches), Error,
                         work);
  };
  return {"POST", "/retrieve", handler};
}

}  // namespace foraker::http
