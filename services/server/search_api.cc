#include "services/server/search_api.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/search_request.h"
#include "services/convert/search_result.h"
#include "services/convert/status.h"
#include "services/convert/unknown_fields.h"

namespace foraker::server {
namespace {

using convert::FieldPath;

constexpr int kMaxBatch = 1'000;
// Of all searches of a batch, so that its reply has a bound.
constexpr uint64_t kMaxBatchHits = 100'000;
// A batch holds its snapshot itself; long enough for any batch, short should the server forget it.
constexpr absl::Duration kBatchLease = absl::Minutes(2);

absl::Status CheckBatch(const v1::BatchSearchRequest& request) {
  const FieldPath path;
  RETURN_IF_ERROR(path.Field("collection").Required(request.collection()));
  if (request.requests_size() == 0 || request.requests_size() > kMaxBatch) {
    return path.Field("requests")
        .Invalid(absl::StrFormat("expected 1 to %d searches, got %d", kMaxBatch,
                                 request.requests_size()));
  }
  uint64_t hits = 0;
  for (int i = 0; i < request.requests_size(); ++i) {
    const v1::SearchRequest& search = request.requests(i);
    const FieldPath search_path = path.Element("requests", i);
    if (!search.collection().empty() && search.collection() != request.collection()) {
      return search_path.Field("collection")
          .Invalid(absl::StrFormat("expected \"%s\", the batch's, or nothing, got \"%s\"",
                                   request.collection(), search.collection()));
    }
    if (!search.snapshot().empty()) {
      return search_path.Field("snapshot").Invalid("the batch names the snapshot");
    }
    if (!search.page_token().empty()) {
      return search_path.Field("page_token").Invalid("a batch does not go on to a next page");
    }
    hits += search.page_size();
  }
  if (hits > kMaxBatchHits) {
    return path.Field("requests")
        .Invalid(absl::StrFormat("expected page sizes of at most %d together, got %d",
                                 kMaxBatchHits, hits));
  }
  return absl::OkStatus();
}

void NoteQuery(const v1::Query& query, CallNotes& notes) {
  notes.query_bytes += query.ByteSizeLong();
  notes.query_terms += static_cast<uint64_t>(query.sparse_vector().terms_size());
  if (notes.query_text.empty()) notes.query_text = query.text();
}

void Add(const CallNotes& from, CallNotes& to) {
  to.searches += from.searches;
  to.query_bytes += from.query_bytes;
  to.query_terms += from.query_terms;
  to.hits += from.hits;
  to.postings_predicted += from.postings_predicted;
  to.postings_scanned += from.postings_scanned;
  to.rank_tokens += from.rank_tokens;
  if (to.query_text.empty()) to.query_text = from.query_text;
}

}  // namespace

absl::Status SearchApi::SearchOne(retrieval::Searcher& searcher, const v1::SearchRequest& request,
                                  const Call& call, CallNotes& notes,
                                  v1::SearchResponse& response) {
  notes.searches = 1;
  NoteQuery(request.query(), notes);
  ASSIGN_OR_RETURN(retrieval::SearchRequest search,
                   convert::FromProto(request, call.arrival, limits_));
  search.deadline = std::min(search.deadline, call.scan_deadline);
  if (search.rerank.has_value()) {
    RETURN_IF_ERROR(ranker_.Get().status());
    ranker_.Bind(call, search.rerank->options);
  }
  ASSIGN_OR_RETURN(const retrieval::SearchResult result, searcher.Search(search));
  notes.hits = result.hits.size();
  notes.postings_predicted = result.postings_predicted;
  notes.postings_scanned = result.postings_scanned;
  metrics_.CountSearch(result.postings_predicted, result.postings_scanned, result.exact);
  if (result.timing.rerank > 0) {
    metrics_.CountRank(absl::Microseconds(static_cast<int64_t>(result.timing.rerank)));
    notes.rank_tokens = result.rank_tokens;
  }
  convert::ToProto(result, response);
  return absl::OkStatus();
}

absl::Status SearchApi::Search(const v1::SearchRequest& request, Call& call,
                               v1::SearchResponse& response) {
  // It takes a thousand times as long as a search.
  if (request.has_rerank()) call.counted_as = "Search.rerank";
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  const absl::Status status = SearchOne(*searcher, request, call, call.notes, response);
  if (request.has_rerank() && absl::IsResourceExhausted(status)) {
    const auto ranker = ranker_.Get();
    if (ranker.ok()) call.retry_after = (*ranker)->reranker->RetryAfter();
  }
  return status;
}

// Those with a rerank run one after the other: a batch has one thread of those that wait for the
// model, as every other call.
void SearchApi::RunBatch(const v1::BatchSearchRequest& request,
                         absl::FunctionRef<void(size_t)> search) {
  const auto reranks = [](const v1::SearchRequest& one) { return one.has_rerank(); };
  const auto& requests = request.requests();
  const auto count = static_cast<size_t>(request.requests_size());
  if (std::none_of(requests.begin(), requests.end(), reranks)) return pool_.ForEach(count, search);
  for (size_t i = 0; i < count; ++i) search(i);
}

absl::Status SearchApi::BatchSearch(const v1::BatchSearchRequest& request, Call& call,
                                    v1::BatchSearchResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(CheckBatch(request));
  std::string snapshot = request.snapshot();
  std::string pinned;
  const absl::Cleanup release = [&] {
    if (!pinned.empty()) searcher->Release(pinned).IgnoreError();
  };
  if (snapshot.empty()) {
    ASSIGN_OR_RETURN(retrieval::PinnedSnapshot pin,
                     searcher->Pin(request.collection(), kBatchLease));
    pinned = pin.token;
    snapshot = std::move(pin.token);
  }
  const auto count = static_cast<size_t>(request.requests_size());
  std::vector<CallNotes> notes(count);
  response.mutable_results()->Reserve(request.requests_size());
  for (size_t i = 0; i < count; ++i) response.add_results();
  RunBatch(request, [&](size_t i) {
    const int index = static_cast<int>(i);
    v1::BatchSearchResult& result = *response.mutable_results(index);
    if (call.cancelled()) {
      return convert::ToProto(absl::CancelledError("the client went away"),
                              *result.mutable_error());
    }
    v1::SearchRequest search = request.requests(index);
    search.set_collection(request.collection());
    search.set_snapshot(snapshot);
    v1::SearchResponse found;
    const absl::Status status = SearchOne(*searcher, search, call, notes[i], found);
    if (!status.ok()) return convert::ToProto(status, *result.mutable_error());
    *result.mutable_response() = std::move(found);
  });
  for (const CallNotes& one : notes) Add(one, call.notes);
  return absl::OkStatus();
}

absl::Status SearchApi::PredictPostings(const v1::PredictPostingsRequest& request, Call& call,
                                        v1::PredictPostingsResponse& response) {
  RETURN_IF_ERROR(call.Use(request.request().collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  NoteQuery(request.request().query(), call.notes);
  const FieldPath path;
  ASSIGN_OR_RETURN(
      const retrieval::SearchRequest search,
      convert::FromProto(request.request(), call.arrival, limits_, path.Field("request")));
  ASSIGN_OR_RETURN(const uint64_t postings, searcher->PredictPostings(search));
  response.set_postings(postings);
  call.notes.postings_predicted = postings;
  return absl::OkStatus();
}

absl::Status SearchApi::Analyze(const v1::AnalyzeRequest& request, Call& call,
                                v1::AnalyzeResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  call.notes.query_bytes = request.text().size();
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(FieldPath().Field("collection").Required(request.collection()));
  ASSIGN_OR_RETURN(const std::vector<retrieval::AnalyzedTerm> terms,
                   searcher->Analyze(request.collection(), request.snapshot(), request.text()));
  for (const retrieval::AnalyzedTerm& term : terms) convert::ToProto(term, *response.add_terms());
  return absl::OkStatus();
}

absl::Status SearchApi::Links(const v1::LinksRequest& request, Call& call,
                              v1::LinksResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  const FieldPath path;
  RETURN_IF_ERROR(path.Field("collection").Required(request.collection()));
  if (request.passages_size() == 0) return path.Field("passages").Invalid("must be given");
  std::vector<retrieval::PassageName> passages;
  for (const v1::PassageName& passage : request.passages()) {
    passages.push_back({passage.document_id(), passage.passage()});
  }
  ASSIGN_OR_RETURN(const std::vector<retrieval::Link> links,
                   searcher->Links(request.collection(), request.snapshot(), passages));
  for (const retrieval::Link& link : links) convert::ToProto(link, *response.add_links());
  return absl::OkStatus();
}

}  // namespace foraker::server
