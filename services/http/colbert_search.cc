#include "services/http/colbert_search.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/convert/status.h"
#include "services/http/compatible_call.h"
#include "services/http/passage_search.h"

namespace foraker::http {
namespace {

struct Asked {
  std::string query, collection;
  uint32_t k = 10;
};

absl::StatusOr<Asked> Read(const Request& request) {
  Asked asked;
  for (const auto& [name, value] : request.parameters) {
    if (name == "query") {
      asked.query = value;
    } else if (name == "collection") {
      asked.collection = value;
    } else if (name != "k") {
      return absl::InvalidArgumentError(absl::StrFormat(
          "unknown parameter \"%s\": expected query, k or collection", name.substr(0, 64)));
    } else if (!absl::SimpleAtoi(value, &asked.k) || asked.k < 1 || asked.k > kMostPassages) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "k: expected a whole number of 1 to %d, got \"%s\"", kMostPassages, value.substr(0, 64)));
    }
  }
  if (asked.query.empty()) return absl::InvalidArgumentError("query: must be given");
  return asked;
}

std::string Text(const v1::Hit& hit) {
  const std::string& title = hit.document().title();
  const auto passage = base::ToAbsl(PassageText(hit));
  if (title.empty() || passage.empty()) return absl::StrCat(title, passage);
  return absl::StrCat(title, " | ", passage);
}

Json Reply(const std::string& query, const v1::SearchResponse& found) {
  // Hits come by score, so no exponent is above 0.
  double sum = 0;
  const auto exponential = [&found](const v1::Hit& hit) {
    return std::exp(double{hit.retrieval_score()} - double{found.hits(0).retrieval_score()});
  };
  for (const v1::Hit& hit : found.hits()) sum += exponential(hit);
  Json topk = Json::array();
  for (int i = 0; i < found.hits_size(); ++i) {
    const v1::Hit& hit = found.hits(i);
    topk.push_back({{"text", Text(hit)},
                    {"pid", hit.document().id()},
                    {"rank", i + 1},
                    {"score", hit.retrieval_score()},
                    {"prob", exponential(hit) / sum}});
  }
  return {{"query", query}, {"topk", std::move(topk)}};
}

CompatibleError Error(const EndedCall& failed) {
  const absl::Status& status = failed.outcome.status;
  return {convert::HttpStatus(status.code()),
          {{"error", true}, {"message", base::ToStd(status.message())}}};
}

}  // namespace

HttpServer::Route ColbertSearchRoute(const server::Apis& apis, const server::Runners& runners,
                                     const DefaultCollection& collection) {
  const auto handler = [&api = apis.search, &runner = runners.read,
                        collection](const Request& request) {
    const auto work = [&](server::Call& call, Json& reply) -> absl::Status {
      ASSIGN_OR_RETURN(const Asked asked, Read(request));
      v1::SearchRequest search;
      v1::SearchResponse found;
      FillPassageSearch(asked.query, asked.k, search);
      ASSIGN_OR_RETURN(*search.mutable_collection(), collection.For(asked.collection, call));
      RETURN_IF_ERROR(api.Search(search, call, found));
      reply = Reply(asked.query, found);
      return absl::OkStatus();
    };
    return RunCompatible(runner, "Search", request, 1, Error, work);
  };
  return {"GET", "/api/search", handler};
}

}  // namespace foraker::http
