#include "services/http/gateway.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "services/convert/status.h"

namespace foraker::http {
namespace {

using server::Call;
using server::CallOutcome;
using server::CallRunner;

absl::Status ParseJson(const std::string& json, google::protobuf::Message& message) {
  if (json.empty()) return absl::OkStatus();
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("body: ", status.ToString()));
}

Response ErrorResponse(const CallOutcome& outcome) {
  const absl::StatusCode code = outcome.status.code();
  nlohmann::ordered_json body = {{"code", static_cast<int>(code)},
                                 {"status", convert::CodeName(code)},
                                 {"message", base::ToStd(outcome.status.message())}};
  Response response;
  response.status = convert::HttpStatus(code);
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  if (outcome.retry_after > absl::ZeroDuration()) {
    const double seconds = std::ceil(absl::ToDoubleSeconds(outcome.retry_after));
    response.headers.emplace_back("Retry-After", absl::StrFormat("%.0f", seconds));
  }
  return response;
}

// Runs the call on the pool and waits for it; the listener's threads bound how many wait.
Response RunCall(CallRunner& runner, std::string_view method, const Request& request,
                 CallRunner::Work work, const google::protobuf::Message& reply) {
  Call call;
  call.method = method;
  call.request_id = server::RequestId(request.request_id);
  call.arrival = absl::Now();
  const std::string request_id = call.request_id;
  CallOutcome outcome;
  absl::Notification finished;
  runner.Run(std::move(call), std::move(work), [&](const CallOutcome& ended) {
    outcome = ended;
    finished.Notify();
  });
  finished.WaitForNotification();
  Response response;
  if (outcome.status.ok()) {
    const auto status = google::protobuf::util::MessageToJsonString(reply, &response.body);
    if (!status.ok()) outcome.status = absl::InternalError(status.ToString());
  }
  if (!outcome.status.ok()) response = ErrorResponse(outcome);
  response.headers.emplace_back("X-Request-Id", request_id);
  return response;
}

// A path whose request is the body, as JSON, and the collection in the path.
template <typename In, typename Out, typename Api, typename SetCollection>
HttpServer::Route Post(const char* verb, std::string_view method, Api& api, CallRunner& runner,
                       absl::Status (Api::*handle)(const In&, Call&, Out&),
                       SetCollection set_collection) {
  return {"POST", absl::StrCat("/v1/collections/([^/:]+):", verb),
          [method, &api, &runner, handle, set_collection](const Request& request) {
            In in;
            Out out;
            const auto work = [&](Call& call) {
              RETURN_IF_ERROR(ParseJson(request.body, in));
              set_collection(request.captures[0], in);
              return (api.*handle)(in, call, out);
            };
            return RunCall(runner, method, request, work, out);
          }};
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

HttpServer::Route Release(server::IndexApi& api, CallRunner& runner) {
  return {"POST", "/v1/snapshots:release", [&api, &runner](const Request& request) {
            v1::ReleaseResponse out;
            const auto work = [&](Call& call) {
              v1::ReleaseRequest in;
              RETURN_IF_ERROR(ParseJson(request.body, in));
              return api.Release(in, call, out);
            };
            return RunCall(runner, "Release", request, work, out);
          }};
}

}  // namespace

std::vector<HttpServer::Route> GatewayRoutes(server::SearchApi& search, server::IndexApi& index,
                                             CallRunner& runner) {
  using server::IndexApi;
  using server::SearchApi;
  const auto set = [](const std::string& name, auto& in) { in.set_collection(name); };
  const auto set_inner = [](const std::string& name, v1::PredictPostingsRequest& in) {
    in.mutable_request()->set_collection(name);
  };
  std::vector<HttpServer::Route> routes;
  routes.push_back(ListCollections(index, runner));
  routes.push_back(GetCollection(index, runner));
  routes.push_back(ListDocuments(index, runner));
  routes.push_back(GetDocument(index, runner));
  routes.push_back(Release(index, runner));
  routes.push_back(Post("search", "Search", search, runner, &SearchApi::Search, set));
  routes.push_back(
      Post("batchSearch", "BatchSearch", search, runner, &SearchApi::BatchSearch, set));
  routes.push_back(Post("predictPostings", "PredictPostings", search, runner,
                        &SearchApi::PredictPostings, set_inner));
  routes.push_back(Post("analyze", "Analyze", search, runner, &SearchApi::Analyze, set));
  routes.push_back(Post("links", "Links", search, runner, &SearchApi::Links, set));
  routes.push_back(Post("pin", "Pin", index, runner, &IndexApi::Pin, set));
  return routes;
}

}  // namespace foraker::http
