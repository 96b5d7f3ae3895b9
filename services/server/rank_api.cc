#include "services/server/rank_api.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "services/convert/rank.h"
#include "services/convert/unknown_fields.h"
#include "services/convert/value.h"

namespace foraker::server {
namespace {

using convert::FieldPath;

// Documents are read so many at a time: each may hold megabytes, and a list that holds too much is
// to be refused before all of it is in memory.
constexpr size_t kFetchedTogether = 16;
constexpr size_t kMaxTextBytes = 16 << 20;  // of the list
// The call holds its snapshot itself while it reads.
constexpr absl::Duration kFetchLease = absl::Minutes(1);

// The number alone: it bounds what is fetched. The rest is the reranker's to check.
absl::Status CheckCount(const v1::RankRequest& request, uint32_t most) {
  const auto count = static_cast<uint32_t>(request.documents_size());
  if (count >= 1 && count <= most) return absl::OkStatus();
  return FieldPath()
      .Field("documents")
      .Invalid(absl::StrFormat("expected 1 to %d documents, got %d", most, count));
}

// Places of the documents that are named by their ids.
std::vector<int> Named(const v1::RankRequest& request) {
  std::vector<int> named;
  for (int i = 0; i < request.documents_size(); ++i) {
    if (request.documents(i).has_id()) named.push_back(i);
  }
  return named;
}

absl::Status FetchFrom(retrieval::Searcher& searcher, const v1::RankRequest& request,
                       const std::string& snapshot, const std::vector<int>& named,
                       retrieval::RankRequest& list) {
  size_t bytes = 0;
  for (size_t begin = 0; begin < named.size(); begin += kFetchedTogether) {
    const size_t end = std::min(begin + kFetchedTogether, named.size());
    std::vector<std::string> ids;
    for (size_t i = begin; i < end; ++i) ids.push_back(request.documents(named[i]).id());
    ASSIGN_OR_RETURN(std::vector<retrieval::DocumentView> documents,
                     searcher.Get(request.collection(), snapshot, ids));
    for (size_t i = begin; i < end; ++i) {
      retrieval::DocumentView& document = documents[i - begin];
      bytes += document.title.size() + document.text.size();
      if (bytes > kMaxTextBytes) {
        return FieldPath()
            .Element("documents", named[i])
            .Invalid(
                absl::StrFormat("expected at most %d bytes of documents together", kMaxTextBytes));
      }
      list.documents[static_cast<size_t>(named[i])] = {std::move(document.title),
                                                       std::move(document.text)};
    }
  }
  return absl::OkStatus();
}

// All of them as of one snapshot.
absl::Status Fetch(retrieval::Searcher& searcher, const v1::RankRequest& request,
                   retrieval::RankRequest& list) {
  const std::vector<int> named = Named(request);
  if (named.empty()) return absl::OkStatus();
  if (!request.snapshot().empty() || named.size() <= kFetchedTogether) {
    return FetchFrom(searcher, request, request.snapshot(), named, list);
  }
  ASSIGN_OR_RETURN(const retrieval::PinnedSnapshot pin,
                   searcher.Pin(request.collection(), kFetchLease));
  const absl::Cleanup release = [&] { searcher.Release(pin.token).IgnoreError(); };
  return FetchFrom(searcher, request, pin.token, named, list);
}

void Note(const v1::RankRequest& request, CallNotes& notes) {
  notes.query_bytes = request.query().size();
  notes.query_text = request.query();
  notes.rank_documents = static_cast<uint64_t>(request.documents_size());
}

}  // namespace

absl::Status RankApi::Rank(const v1::RankRequest& request, Call& call, v1::RankResponse& response) {
  if (!request.collection().empty()) RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const std::shared_ptr<const ServedRanker> ranker, ranker_.Get());
  ASSIGN_OR_RETURN(const auto searcher, data_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  Note(request, call.notes);
  RETURN_IF_ERROR(CheckCount(request, ranker->model.max_documents()));
  ASSIGN_OR_RETURN(retrieval::RankRequest list, convert::FromProto(request));
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Fetch(*searcher, request, list));
  const absl::Duration fetch = absl::Now() - start;
  ranker_.Bind(call, list.options);
  const absl::StatusOr<retrieval::RankResult> ranked = ranker->reranker->Rank(list);
  if (!ranked.ok()) {
    if (absl::IsResourceExhausted(ranked.status())) {
      call.retry_after = ranker->reranker->RetryAfter();
    }
    return ranked.status();
  }
  const absl::Duration total = absl::Now() - start;
  call.notes.rank_tokens = ranked->tokens;
  metrics_.CountRank(total);
  convert::ToProto(*ranked, response);
  for (v1::RankedDocument& document : *response.mutable_documents()) {
    document.set_id(request.documents(static_cast<int>(document.index())).id());
  }
  convert::ToProto(fetch, *response.mutable_timing()->mutable_fetch());
  convert::ToProto(total, *response.mutable_timing()->mutable_total());
  return absl::OkStatus();
}

absl::Status RankApi::GetRankModel(const v1::GetRankModelRequest& request, Call&,
                                   v1::RankModel& response) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const ServedRanker> ranker, ranker_.Get());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  response = ranker->model;
  return absl::OkStatus();
}

}  // namespace foraker::server
