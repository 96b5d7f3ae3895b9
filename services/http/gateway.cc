#include "services/http/gateway.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/status.h"
#include "services/http/ask.h"
#include "services/http/http_call.h"
#include "services/http/json_call.h"

namespace foraker::http {
namespace {

using server::Call;
using server::CallRunner;

Response RunCall(CallRunner& runner, std::string_view method, const Request& request,
                 CallRunner::Work work, const google::protobuf::Message& reply) {
  EndedCall call = RunHttpCall(runner, method, request, std::move(work));
  absl::Status& status = call.outcome.status;
  Response response;
  if (status.ok()) {
    const auto written = google::protobuf::util::MessageToJsonString(reply, &response.body);
    if (!written.ok()) status = absl::InternalError(written.ToString());
  }
  if (!status.ok()) return ErrorResponse(call);
  AddHeaders(call, response);
  return response;
}

using SharedPlaces = std::shared_ptr<RankPlaces>;

// A path whose request is the body, as JSON; `set_path` writes what the path holds into it.
template <typename In, typename Out, typename Api, typename SetPath>
HttpServer::Route Post(const std::string& pattern, std::string_view method, Api& api,
                       CallRunner& runner, absl::Status (Api::*handle)(const In&, Call&, Out&),
                       SetPath set_path) {
  return {"POST", pattern, [method, &api, &runner, handle, set_path](const Request& request) {
            In in;
            Out out;
            const auto work = [&](Call& call) {
              RETURN_IF_ERROR(ParseJson(request.body, in));
              set_path(request.captures, in);
              return (api.*handle)(in, call, out);
            };
            return RunCall(runner, method, request, work, out);
          }};
}

std::string Verb(const char* verb) { return absl::StrCat("/v1/collections/([^/:]+):", verb); }

// A search, which waits for the model that ranks if it has a rerank.
template <typename In, typename Out>
HttpServer::Route PostSearch(const char* verb, std::string_view method, server::SearchApi& api,
                             const server::Runners& runners, const SharedPlaces& places,
                             absl::Status (server::SearchApi::*handle)(const In&, Call&, Out&)) {
  const auto handler = [method, &api, runners, places, handle](const Request& request) {
    In in;
    Out out;
    const absl::Status parsed = ParseJson(request.body, in);
    in.set_collection(request.captures[0]);
    CallRunner& runner = runners.ForSearch(in);
    const auto work = [&](Call& call) {
      RETURN_IF_ERROR(parsed);
      return (api.*handle)(in, call, out);
    };
    const auto run = [&] { return RunCall(runner, method, request, work, out); };
    return &runner == &runners.rank ? places->Run(run, ErrorResponse) : run();
  };
  return {"POST", Verb(verb), handler};
}

HttpServer::Route Limited(HttpServer::Route route, const SharedPlaces& places) {
  route.handler = [places, handler = std::move(route.handler)](const Request& request) {
    return places->Run([&] { return handler(request); }, ErrorResponse);
  };
  return route;
}

HttpServer::Route GetRankModel(server::RankApi& api, CallRunner& runner) {
  return {"GET", "/v1/rank/model", [&api, &runner](const Request& request) {
            v1::RankModel out;
            const auto work = [&](Call& call) { return api.GetRankModel({}, call, out); };
            return RunCall(runner, "GetRankModel", request, work, out);
          }};
}

void SetCollection(const std::vector<std::string>& captures, auto& in) {
  in.set_collection(captures[0]);
}

// Page size and token of a list from the path's parameters; no other parameter is known.
template <typename In>
absl::Status SetPage(const Request& request, In& in) {
  for (const auto& [name, value] : request.parameters) {
    if (name == "pageToken") {
      in.set_page_token(value);
      continue;
    }
    uint32_t size = 0;
    if (name != "pageSize") {
      return absl::InvalidArgumentError(
          absl::StrFormat("unknown parameter \"%s\": expected pageSize or pageToken", name));
    }
    if (!absl::SimpleAtoi(value, &size)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("pageSize: expected a whole number, got \"%s\"", value));
    }
    in.set_page_size(size);
  }
  return absl::OkStatus();
}

HttpServer::Route ListCollections(server::IndexApi& api, CallRunner& runner) {
  return {"GET", "/v1/collections", [&api, &runner](const Request& request) {
            v1::ListCollectionsResponse out;
            const auto work = [&](Call& call) {
              v1::ListCollectionsRequest in;
              RETURN_IF_ERROR(SetPage(request, in));
              return api.ListCollections(in, call, out);
            };
            return RunCall(runner, "ListCollections", request, work, out);
          }};
}

HttpServer::Route GetCollection(server::IndexApi& api, CallRunner& runner) {
  return {"GET", "/v1/collections/([^/:]+)", [&api, &runner](const Request& request) {
            v1::Collection out;
            const auto work = [&](Call& call) {
              v1::GetCollectionRequest in;
              in.set_collection(request.captures[0]);
              return api.GetCollection(in, call, out);
            };
            return RunCall(runner, "GetCollection", request, work, out);
          }};
}

HttpServer::Route ListDocuments(server::IndexApi& api, CallRunner& runner) {
  return {"GET", "/v1/collections/([^/:]+)/documents", [&api, &runner](const Request& request) {
            v1::ListDocumentsResponse out;
            const auto work = [&](Call& call) {
              v1::ListDocumentsRequest in;
              in.set_collection(request.captures[0]);
              RETURN_IF_ERROR(SetPage(request, in));
              return api.ListDocuments(in, call, out);
            };
            return RunCall(runner, "ListDocuments", request, work, out);
          }};
}

// Ids may hold slashes.
HttpServer::Route GetDocument(server::IndexApi& api, CallRunner& runner) {
  return {"GET", "/v1/collections/([^/:]+)/documents/(.+)",
          [&api, &runner](const Request& request) {
            v1::Document out;
            const auto work = [&](Call& call) -> absl::Status {
              v1::GetDocumentsRequest in;
              v1::GetDocumentsResponse found;
              in.set_collection(request.captures[0]);
              in.add_ids(request.captures[1]);
              RETURN_IF_ERROR(api.GetDocuments(in, call, found));
              out = std::move(*found.mutable_documents(0));
              return absl::OkStatus();
            };
            return RunCall(runner, "GetDocuments", request, work, out);
          }};
}

// A request of one write, whose refusal is the refusal of the request.
HttpServer::Route WriteOne(const char* http_method, server::WriteApi& api, CallRunner& runner,
                           absl::Status (*fill)(const Request&, v1::DocumentWrite&)) {
  return {http_method, "/v1/collections/([^/:]+)/documents/(.+)",
          [&api, &runner, fill](const Request& request) {
            v1::WriteResult out;
            const auto work = [&](Call& call) -> absl::Status {
              v1::WriteDocumentsRequest in;
              v1::WriteDocumentsResponse written;
              in.set_collection(request.captures[0]);
              RETURN_IF_ERROR(fill(request, *in.add_writes()));
              RETURN_IF_ERROR(api.WriteDocuments(in, call, written));
              out = std::move(*written.mutable_results(0));
              return out.has_error() ? convert::FromProto(out.error()) : absl::OkStatus();
            };
            return RunCall(runner, "WriteDocuments", request, work, out);
          }};
}

absl::Status FillPut(const Request& request, v1::DocumentWrite& write) {
  RETURN_IF_ERROR(ParseJson(request.body, *write.mutable_put()));
  write.mutable_put()->set_id(request.captures[1]);
  return absl::OkStatus();
}

absl::Status FillDelete(const Request& request, v1::DocumentWrite& write) {
  write.set_delete_id(request.captures[1]);
  return absl::OkStatus();
}

HttpServer::Route DropCollection(server::AdminApi& api, CallRunner& runner) {
  return {"DELETE", "/v1/collections/([^/:]+)", [&api, &runner](const Request& request) {
            v1::DropCollectionResponse out;
            const auto work = [&](Call& call) {
              v1::DropCollectionRequest in;
              in.set_collection(request.captures[0]);
              return api.DropCollection(in, call, out);
            };
            return RunCall(runner, "DropCollection", request, work, out);
          }};
}

using Routes = std::vector<HttpServer::Route>;

void AddReading(const server::Apis& apis, CallRunner& runner, Routes& routes) {
  using server::IndexApi;
  using server::SearchApi;
  const auto set = [](const auto& captures, auto& in) { SetCollection(captures, in); };
  const auto set_inner = [](const auto& captures, v1::PredictPostingsRequest& in) {
    SetCollection(captures, *in.mutable_request());
  };
  const auto none = [](const auto&, auto&) {};
  const auto search = [&](const char* verb, const char* method, auto handle, auto set_path) {
    routes.push_back(Post(Verb(verb), method, apis.search, runner, handle, set_path));
  };
  routes.push_back(ListCollections(apis.index, runner));
  routes.push_back(GetCollection(apis.index, runner));
  routes.push_back(ListDocuments(apis.index, runner));
  routes.push_back(GetDocument(apis.index, runner));
  search("predictPostings", "PredictPostings", &SearchApi::PredictPostings, set_inner);
  search("analyze", "Analyze", &SearchApi::Analyze, set);
  search("links", "Links", &SearchApi::Links, set);
  routes.push_back(Post(Verb("pin"), "Pin", apis.index, runner, &IndexApi::Pin, set));
  routes.push_back(
      Post("/v1/snapshots:release", "Release", apis.index, runner, &IndexApi::Release, none));
}

// What waits for the model that ranks, or may.
void AddRanking(const server::Apis& apis, const server::Runners& runners,
                const SharedPlaces& places, Routes& routes) {
  using server::RankApi;
  using server::SearchApi;
  const auto search = [&](const char* verb, const char* method, auto handle) {
    routes.push_back(PostSearch(verb, method, apis.search, runners, places, handle));
  };
  const auto rank = [&](const std::string& pattern, auto set_path) {
    routes.push_back(
        Limited(Post(pattern, "Rank", apis.rank, runners.rank, &RankApi::Rank, set_path), places));
  };
  search("search", "Search", &SearchApi::Search);
  search("batchSearch", "BatchSearch", &SearchApi::BatchSearch);
  rank("/v1/rank", [](const auto&, auto&) {});
  rank(Verb("rank"), [](const auto& captures, auto& in) { SetCollection(captures, in); });
  routes.push_back(GetRankModel(apis.rank, runners.read));
}

void AddWriting(server::WriteApi& api, CallRunner& runner, Routes& routes) {
  using server::WriteApi;
  const auto set = [](const auto& captures, auto& in) { SetCollection(captures, in); };
  const std::string documents = "/v1/collections/([^/:]+)/documents:";
  routes.push_back(WriteOne("PUT", api, runner, FillPut));
  routes.push_back(WriteOne("DELETE", api, runner, FillDelete));
  routes.push_back(
      Post(documents + "write", "WriteDocuments", api, runner, &WriteApi::WriteDocuments, set));
  routes.push_back(
      Post(documents + "delete", "DeleteDocuments", api, runner, &WriteApi::DeleteDocuments, set));
}

void AddAdministration(server::AdminApi& api, CallRunner& runner, Routes& routes) {
  using server::AdminApi;
  const auto set = [](const auto& captures, auto& in) { SetCollection(captures, in); };
  const auto set_alias = [](const auto& captures, v1::SetAliasRequest& in) {
    in.set_alias(captures[0]);
  };
  const auto set_snapshot = [](const auto& captures, auto& in) {
    in.set_collection(captures[0]);
    in.set_snapshot_name(captures[1]);
  };
  const auto none = [](const auto&, auto&) {};
  const auto add = [&](const std::string& pattern, const char* method, auto handle, auto set_path) {
    routes.push_back(Post(pattern, method, api, runner, handle, set_path));
  };
  const std::string snapshot = "/v1/collections/([^/:]+)/snapshots/([^/:]+):";
  routes.push_back(DropCollection(api, runner));
  add("/v1/collections", "CreateCollection", &AdminApi::CreateCollection, none);
  add(Verb("update"), "UpdateCollection", &AdminApi::UpdateCollection, set);
  add(Verb("publishIdf"), "PublishIdf", &AdminApi::PublishIdf, set);
  add(Verb("flush"), "FlushCollection", &AdminApi::FlushCollection, set);
  add(Verb("compact"), "CompactCollection", &AdminApi::CompactCollection, set);
  add(Verb("attach"), "AttachShards", &AdminApi::AttachShards, set);
  add(Verb("importSnapshot"), "ImportSnapshot", &AdminApi::ImportSnapshot, set);
  add("/v1/aliases/([^/:]+):set", "SetAlias", &AdminApi::SetAlias, set_alias);
  add(snapshot + "create", "CreateSnapshot", &AdminApi::CreateSnapshot, set_snapshot);
  add(snapshot + "drop", "DropSnapshot", &AdminApi::DropSnapshot, set_snapshot);
  add(snapshot + "restore", "RestoreSnapshot", &AdminApi::RestoreSnapshot, set_snapshot);
}

}  // namespace

std::vector<HttpServer::Route> GatewayRoutes(const server::Apis& apis,
                                             const server::Runners& runners,
                                             const std::shared_ptr<RankPlaces>& places) {
  Routes routes;
  AddReading(apis, runners.read, routes);
  AddRanking(apis, runners, places, routes);
  routes.push_back(AskRoute(apis.agent, runners.agent, places));
  AddWriting(apis.write, runners.write, routes);
  AddAdministration(apis.admin, runners.admin, routes);
  return routes;
}

}  // namespace foraker::http
