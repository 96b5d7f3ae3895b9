#include "services/client/remote_searcher.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "foraker/v1/index.grpc.pb.h"
#include "foraker/v1/search.grpc.pb.h"
#include "services/convert/collection.h"
#include "services/convert/search_request.h"
#include "services/convert/search_result.h"
#include "services/convert/status.h"
#include "services/convert/value.h"

namespace foraker::client {
namespace {

// What a call may take beyond the time limit of its search.
constexpr absl::Duration kSlack = absl::Seconds(2);
// How often it is asked whether somebody still waits for a call.
constexpr absl::Duration kAsk = absl::Milliseconds(50);
// What a search with a rerank may take: a large model reads for minutes.
constexpr absl::Duration kRerankTimeout = absl::Minutes(30);

using SearchCalls = v1::Search::StubInterface::async_interface;
using IndexCalls = v1::Index::StubInterface::async_interface;

// Of the search's own; what a call may take beyond it is not counted.
absl::Time CallDeadline(const retrieval::SearchRequest& request, absl::Time now) {
  if (!request.rerank.has_value()) return request.deadline;
  return std::min(request.rerank->options.deadline, now + kRerankTimeout);
}

class RemoteSearcher final : public retrieval::Searcher {
 public:
  RemoteSearcher(ServerOptions options, std::shared_ptr<grpc::Channel> channel, CallBounds bounds)
      : options_(std::move(options)),
        channel_(std::move(channel)),
        bounds_(std::move(bounds)),
        search_(v1::Search::NewStub(channel_)),
        index_(v1::Index::NewStub(channel_)) {}

  absl::StatusOr<retrieval::SearchResult> Search(const retrieval::SearchRequest& request) override {
    v1::SearchRequest message;
    const absl::Time now = absl::Now();
    convert::ToProto(request, now, message);
    v1::SearchResponse response;
    RETURN_IF_ERROR(
        Invoke(*search_, &SearchCalls::Search, message, response, CallDeadline(request, now)));
    return convert::FromProto(response);
  }

  std::vector<absl::StatusOr<retrieval::SearchResult>> BatchSearch(
      const std::vector<retrieval::SearchRequest>& requests) override {
    using Outcome = absl::StatusOr<retrieval::SearchResult>;
    std::vector<Outcome> results;
    if (requests.empty()) return results;
    const absl::Time now = absl::Now();
    absl::Time deadline = now;
    v1::BatchSearchRequest message;
    message.set_collection(requests.front().collection);
    message.set_snapshot(requests.front().snapshot);
    for (const retrieval::SearchRequest& request : requests) {
      v1::SearchRequest& one = *message.add_requests();
      convert::ToProto(request, now, one);
      one.clear_snapshot();
      deadline = std::max(deadline, CallDeadline(request, now));
    }
    v1::BatchSearchResponse response;
    absl::Status status = Invoke(*search_, &SearchCalls::BatchSearch, message, response, deadline);
    if (status.ok() && static_cast<size_t>(response.results_size()) != requests.size()) {
      status = absl::InternalError(absl::StrFormat("the server answered %d of %d searches",
                                                   response.results_size(), requests.size()));
    }
    if (!status.ok()) return std::vector<Outcome>(requests.size(), status);
    results.reserve(requests.size());
    for (const v1::BatchSearchResult& result : response.results()) {
      if (result.has_response()) {
        results.push_back(convert::FromProto(result.response()));
      } else {
        results.emplace_back(convert::FromProto(result.error()));
      }
    }
    return results;
  }

  absl::StatusOr<uint64_t> PredictPostings(const retrieval::SearchRequest& request) override {
    v1::PredictPostingsRequest message;
    convert::ToProto(request, absl::Now(), *message.mutable_request());
    v1::PredictPostingsResponse response;
    RETURN_IF_ERROR(
        Invoke(*search_, &SearchCalls::PredictPostings, message, response, request.deadline));
    return response.postings();
  }

  absl::StatusOr<retrieval::PinnedSnapshot> Pin(std::string_view collection,
                                                absl::Duration lease) override {
    v1::PinRequest message;
    message.set_collection(std::string(collection));
    if (lease != absl::ZeroDuration()) convert::ToProto(lease, *message.mutable_lease());
    v1::SnapshotLease response;
    RETURN_IF_ERROR(Invoke(*index_, &IndexCalls::Pin, message, response));
    return convert::FromProto(response);
  }

  absl::Status Release(std::string_view token) override {
    v1::ReleaseRequest message;
    message.set_snapshot(std::string(token));
    if (bounds_.end != absl::InfiniteFuture()) return ReleaseUnwatched(message);
    v1::ReleaseResponse response;
    return Invoke(*index_, &IndexCalls::Release, message, response);
  }

  absl::StatusOr<std::vector<retrieval::DocumentView>> Get(
      std::string_view collection, std::string_view snapshot,
      const std::vector<std::string>& ids) override {
    v1::GetDocumentsRequest message;
    message.set_collection(std::string(collection));
    message.set_snapshot(std::string(snapshot));
    message.mutable_ids()->Assign(ids.begin(), ids.end());
    v1::GetDocumentsResponse response;
    RETURN_IF_ERROR(Invoke(*index_, &IndexCalls::GetDocuments, message, response));
    return Documents(response.documents());
  }

  absl::StatusOr<retrieval::ListResult> List(const retrieval::ListRequest& request) override {
    v1::ListDocumentsRequest message;
    message.set_collection(request.collection);
    message.set_snapshot(request.snapshot);
    message.set_page_size(request.page_size);
    message.set_page_token(request.page_token);
    convert::ToProto(convert::ReadMask{.title = true, .text = request.with_text, .fields = true},
                     *message.mutable_read_mask());
    v1::ListDocumentsResponse response;
    RETURN_IF_ERROR(Invoke(*index_, &IndexCalls::ListDocuments, message, response));
    retrieval::ListResult result;
    ASSIGN_OR_RETURN(result.documents, Documents(response.documents()));
    result.next_page_token = response.next_page_token();
    return result;
  }

  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view collection,
                                                               std::string_view snapshot,
                                                               std::string_view text) override {
    v1::AnalyzeRequest message;
    message.set_collection(std::string(collection));
    message.set_snapshot(std::string(snapshot));
    message.set_text(std::string(text));
    v1::AnalyzeResponse response;
    RETURN_IF_ERROR(Invoke(*search_, &SearchCalls::Analyze, message, response));
    std::vector<retrieval::AnalyzedTerm> terms;
    for (const v1::AnalyzedTerm& term : response.terms()) {
      terms.push_back(convert::FromProto(term));
    }
    return terms;
  }

  absl::StatusOr<std::vector<retrieval::Link>> Links(
      std::string_view collection, std::string_view snapshot,
      const std::vector<retrieval::PassageName>& passages) override {
    v1::LinksRequest message;
    message.set_collection(std::string(collection));
    message.set_snapshot(std::string(snapshot));
    for (const retrieval::PassageName& passage : passages) {
      v1::PassageName& added = *message.add_passages();
      added.set_document_id(passage.document_id);
      added.set_passage(passage.passage);
    }
    v1::LinksResponse response;
    RETURN_IF_ERROR(Invoke(*search_, &SearchCalls::Links, message, response));
    std::vector<retrieval::Link> links;
    for (const v1::Link& link : response.links()) links.push_back(convert::FromProto(link));
    return links;
  }

  absl::StatusOr<std::vector<retrieval::CollectionSummary>> Collections() override {
    std::vector<retrieval::CollectionSummary> collections;
    v1::ListCollectionsRequest message;
    do {
      v1::ListCollectionsResponse response;
      RETURN_IF_ERROR(Invoke(*index_, &IndexCalls::ListCollections, message, response));
      for (const v1::Collection& collection : response.collections()) {
        collections.push_back(convert::FromProto(collection));
      }
      message.set_page_token(response.next_page_token());
    } while (!message.page_token().empty());
    return collections;
  }

  absl::StatusOr<retrieval::CollectionSummary> Describe(std::string_view collection) override {
    v1::GetCollectionRequest message;
    message.set_collection(std::string(collection));
    v1::Collection response;
    RETURN_IF_ERROR(Invoke(*index_, &IndexCalls::GetCollection, message, response));
    return convert::FromProto(response);
  }

 private:
  // One blocking call. `deadline` is the search's own.
  template <typename Stub, typename Calls, typename In, typename Out>
  absl::Status Invoke(Stub& stub,
                      void (Calls::*method)(grpc::ClientContext*, const In*, Out*,
                                            std::function<void(grpc::Status)>),
                      const In& request, Out& response,
                      absl::Time deadline = absl::InfiniteFuture()) {
    grpc::ClientContext context;
    const absl::Time now = absl::Now();
    const absl::Time end = deadline == absl::InfiniteFuture() ? now + options_.call_timeout
                                                              : std::max(deadline, now) + kSlack;
    context.set_deadline(absl::ToChronoTime(std::min(end, bounds_.end)));
    grpc::Status status;
    absl::Notification ended;
    (stub.async()->*method)(&context, &request, &response, [&](grpc::Status result) {
      status = std::move(result);
      ended.Notify();
    });
    if (!bounds_.cancelled) ended.WaitForNotification();
    while (!ended.WaitForNotificationWithTimeout(kAsk)) {
      if (bounds_.cancelled()) context.TryCancel();
    }
    // Nobody listening is told apart from a server that says it is not ready.
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
        channel_->GetState(false) != GRPC_CHANNEL_READY) {
      return CannotReach(options_.address);
    }
    return convert::FromGrpc(status);
  }

  absl::Status ReleaseUnwatched(const v1::ReleaseRequest& request) {
    struct Unwatched {
      grpc::ClientContext context;
      v1::ReleaseRequest request;
      v1::ReleaseResponse response;
    };
    const auto call = std::make_shared<Unwatched>();
    call->request = request;
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + kSlack));
    index_->async()->Release(&call->context, &call->request, &call->response,
                             [call](const grpc::Status&) {});
    return absl::OkStatus();
  }

  static absl::StatusOr<std::vector<retrieval::DocumentView>> Documents(
      const google::protobuf::RepeatedPtrField<v1::Document>& from) {
    std::vector<retrieval::DocumentView> documents;
    for (const v1::Document& document : from) {
      ASSIGN_OR_RETURN(documents.emplace_back(), convert::FromProto(document));
    }
    return documents;
  }

  const ServerOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const CallBounds bounds_;
  const std::unique_ptr<v1::Search::Stub> search_;
  const std::unique_ptr<v1::Index::Stub> index_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> ConnectSearcher(const ServerOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, OpenChannel(options));
  return MakeSearcher(options, std::move(channel), CallBounds());
}

std::unique_ptr<retrieval::Searcher> MakeSearcher(const ServerOptions& options,
                                                  std::shared_ptr<grpc::Channel> channel,
                                                  CallBounds bounds) {
  return std::make_unique<RemoteSearcher>(options, std::move(channel), std::move(bounds));
}

}  // namespace foraker::client
