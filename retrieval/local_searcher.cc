#include "retrieval/local_searcher.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/query/top_k.h"
#include "retrieval/collection_summary.h"
#include "retrieval/collection_view.h"
#include "retrieval/document_list.h"
#include "retrieval/documents.h"
#include "retrieval/links.h"
#include "retrieval/open_collections.h"
#include "retrieval/page_token.h"
#include "retrieval/search_run.h"

namespace foraker::retrieval {
namespace {

using View = std::shared_ptr<const CollectionView>;

class LocalSearcherImpl : public LocalSearcher {
 public:
  LocalSearcherImpl(std::shared_ptr<index::Catalog> catalog,
                    std::shared_ptr<index::SnapshotSource> source, LocalSearcherOptions options)
      : catalog_(std::move(catalog)),
        source_(std::move(source)),
        limits_(options.limits),
        search_threads_(options.search_threads),
        collections_(source_, catalog_->dir()),
        leases_(options.leases, std::move(options.clock)) {}

  absl::StatusOr<SearchResult> Search(const SearchRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    if (request.rerank.has_value()) {
      return absl::FailedPreconditionError("rerank: no reranking model is loaded");
    }
    ASSIGN_OR_RETURN(Start start, Begin<index::SearchAfter>(request));
    const bool paged = request.want_page_token || !request.page_token.empty();
    ASSIGN_OR_RETURN(SearchRun run, RunSearch(*start.view, request,
                                              {.after = std::move(start.after),
                                               .look_ahead = paged,
                                               .threads = search_threads_}));
    if (run.next.has_value()) {
      ASSIGN_OR_RETURN(run.result.next_page_token, NextPage(request, start, *std::move(run.next)));
    }
    return std::move(run.result);
  }

  absl::StatusOr<uint64_t> PredictPostings(const SearchRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    ASSIGN_OR_RETURN(const Start start, Begin<index::SearchAfter>(request));
    ASSIGN_OR_RETURN(const BuiltQuery query, BuildQuery(*start.view, request.query));
    return index::PredictPostings(*start.view->snapshot, query.vector);
  }

  absl::StatusOr<PinnedSnapshot> Pin(std::string_view collection, absl::Duration lease) override {
    ASSIGN_OR_RETURN(const View view, Find(collection, ""));
    const uint64_t generation = view->snapshot->generation;
    ASSIGN_OR_RETURN(SnapshotLeases::Lease held, leases_.Pin(view, collection, lease));
    return PinnedSnapshot{
        .token = std::move(held.token), .generation = generation, .expires = held.expires};
  }

  absl::Status Release(std::string_view token) override { return leases_.Release(token); }

  absl::StatusOr<std::vector<DocumentView>> Get(std::string_view collection,
                                                std::string_view snapshot,
                                                const std::vector<std::string>& ids) override {
    RETURN_IF_ERROR(CheckIds("ids", ids, limits_.ids, limits_));
    ASSIGN_OR_RETURN(const View view, Find(collection, snapshot));
    std::vector<DocumentView> documents;
    documents.reserve(ids.size());
    for (const std::string& id : ids) {
      ASSIGN_OR_RETURN(const FoundDocument found, FindDocument(*view->snapshot, id));
      if (found.state != FoundDocument::State::kLive) {
        return absl::NotFoundError(absl::StrFormat("collection \"%s\" has no document \"%s\"",
                                                   view->snapshot->collection, id));
      }
      const index::Segment& segment = *view->snapshot->segments[found.address.segment].segment;
      ASSIGN_OR_RETURN(DocumentView document,
                       LoadDocument(segment, found.address.document, DocumentParts()));
      documents.push_back(std::move(document));
    }
    return documents;
  }

  absl::StatusOr<ListResult> List(const ListRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    ASSIGN_OR_RETURN(const auto start, Begin<ListCursor>(request));
    const DocumentParts parts{
        .title = true, .text = request.with_text, .fields = true, .field_mask = {}};
    ASSIGN_OR_RETURN(DocumentPage page,
                     ListDocuments(*start.view->snapshot, start.after.value_or(ListCursor()),
                                   request.page_size, parts));
    ListResult result{.documents = std::move(page.documents), .next_page_token = {}};
    if (page.next.has_value()) {
      ASSIGN_OR_RETURN(result.next_page_token, NextPage(request, start, *page.next));
    }
    return result;
  }

  absl::StatusOr<std::vector<AnalyzedTerm>> Analyze(std::string_view collection,
                                                    std::string_view snapshot,
                                                    std::string_view text) override {
    RETURN_IF_ERROR(CheckLength("text", text.size(), limits_.analyzed_bytes));
    ASSIGN_OR_RETURN(const View view, Find(collection, snapshot));
    return view->queries->Analyze(text, view->idf);
  }

  absl::StatusOr<std::vector<Link>> Links(std::string_view collection, std::string_view snapshot,
                                          const std::vector<PassageName>& passages) override {
    RETURN_IF_ERROR(CheckLimits(passages, limits_));
    ASSIGN_OR_RETURN(const View view, Find(collection, snapshot));
    return FindLinks(*view, passages);
  }

  absl::StatusOr<std::vector<CollectionSummary>> Collections() override {
    ASSIGN_OR_RETURN(const std::vector<index::CollectionInfo> infos, catalog_->List());
    std::vector<CollectionSummary> summaries;
    summaries.reserve(infos.size());
    for (const index::CollectionInfo& info : infos) {
      // One that cannot be opened is listed as it was published; searches say what is wrong.
      const auto newest = source_->Newest(info.record.name);
      if (absl::IsNotFound(newest.status())) continue;  // dropped meanwhile
      ASSIGN_OR_RETURN(CollectionSummary summary,
                       Summarize(info, newest.ok() ? newest->get() : nullptr));
      summaries.push_back(std::move(summary));
    }
    return summaries;
  }

  absl::StatusOr<std::string> Resolve(std::string_view collection) override {
    RETURN_IF_ERROR(CheckLength("collection", collection.size(), limits_.name_bytes));
    return catalog_->Resolve(collection);
  }

  absl::StatusOr<CollectionSummary> Describe(std::string_view collection) override {
    RETURN_IF_ERROR(CheckLength("collection", collection.size(), limits_.name_bytes));
    ASSIGN_OR_RETURN(const index::CollectionInfo info, catalog_->Get(collection));
    ASSIGN_OR_RETURN(const auto newest, source_->Newest(collection));
    ASSIGN_OR_RETURN(CollectionSummary summary, Summarize(info, newest.get()));
    AddContents(*newest, summary);
    return summary;
  }

  absl::Status Refresh() override {
    const absl::Status status = collections_.Refresh();
    leases_.DropExpired(
        [this](std::string_view collection) { return collections_.Newest(collection); });
    return status;
  }

  SearcherGauges Gauges() const override {
    const SnapshotLeases::Counts leases = leases_.Count();
    return {.open_collections = collections_.count(),
            .leases = leases.leases,
            .leased_generations = leases.snapshots,
            .leased_bytes = leases.bytes};
  }

 private:
  // Where a request begins: on which snapshot, held by which lease if any, and after what.
  template <typename Cursor>
  struct StartAt {
    View view;
    std::string lease;
    std::optional<Cursor> after;
  };
  using Start = StartAt<index::SearchAfter>;

  absl::StatusOr<View> Find(std::string_view collection, std::string_view snapshot) {
    RETURN_IF_ERROR(CheckLength("collection", collection.size(), limits_.name_bytes));
    if (!snapshot.empty()) return leases_.Use(snapshot, collection);
    return collections_.Find(collection);
  }

  template <typename Cursor, typename Request>
  absl::StatusOr<StartAt<Cursor>> Begin(const Request& request) {
    StartAt<Cursor> start;
    if (request.page_token.empty()) {
      start.lease = request.snapshot;
      ASSIGN_OR_RETURN(start.view, Find(request.collection, request.snapshot));
      return start;
    }
    ASSIGN_OR_RETURN(PageToken token, DecodePageToken(request.page_token));
    auto* cursor = std::get_if<Cursor>(&token.position);
    if (cursor == nullptr || token.fingerprint != Fingerprint(request)) {
      return TokenOfAnotherRequest();
    }
    if (!request.snapshot.empty() && request.snapshot != token.snapshot) {
      return SnapshotOfAnotherPage();
    }
    ASSIGN_OR_RETURN(start.view, leases_.Use(token.snapshot, ""));
    start.lease = std::move(token.snapshot);
    start.after = std::move(*cursor);
    return start;
  }

  template <typename Request, typename Cursor>
  absl::StatusOr<std::string> NextPage(const Request& request, const StartAt<Cursor>& start,
                                       Cursor next) {
    std::string lease = start.lease;
    if (lease.empty()) {
      ASSIGN_OR_RETURN(SnapshotLeases::Lease held, leases_.PinForPages(start.view));
      lease = std::move(held.token);
    }
    return EncodePageToken({.fingerprint = Fingerprint(request),
                            .snapshot = std::move(lease),
                            .position = std::move(next)});
  }

  const std::shared_ptr<index::Catalog> catalog_;
  const std::shared_ptr<index::SnapshotSource> source_;
  const RequestLimits limits_;
  const uint32_t search_threads_;
  OpenCollections collections_;
  SnapshotLeases leases_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LocalSearcher>> LocalSearcher::Open(
    std::shared_ptr<index::Catalog> catalog, std::shared_ptr<index::SnapshotSource> source,
    LocalSearcherOptions options) {
  if (options.search_threads == 0) {
    return absl::InvalidArgumentError("search_threads: expected at least 1");
  }
  return std::make_unique<LocalSearcherImpl>(std::move(catalog), std::move(source),
                                             std::move(options));
}

absl::StatusOr<std::unique_ptr<LocalSearcher>> LocalSearcher::Open(
    std::shared_ptr<index::Catalog> catalog, LocalSearcherOptions options) {
  std::shared_ptr<index::SnapshotSource> source = index::SnapshotSource::OverCatalog(catalog);
  return Open(std::move(catalog), std::move(source), std::move(options));
}

}  // namespace foraker::retrieval
