#include "retrieval/stored_orders.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "retrieval/random_token.h"

namespace foraker::retrieval {
namespace {

size_t BytesOf(const Explanation& explanation) {
  size_t bytes = sizeof(Explanation) + explanation.document_id.size() + explanation.reason.size();
  for (const TermContribution& term : explanation.terms) {
    bytes += sizeof(TermContribution) + term.kind.size() + term.term.size() + term.word_text.size();
  }
  return bytes;
}

size_t BytesOf(const SearchHit& hit) {
  size_t bytes = sizeof(SearchHit) + hit.document.id.size();
  for (const Snippet& snippet : hit.snippets) {
    bytes += sizeof(Snippet) + snippet.text.size() + snippet.highlights.size() * sizeof(ByteRange);
  }
  return bytes + (hit.explanation.has_value() ? BytesOf(*hit.explanation) : 0);
}

size_t BytesOf(const Facet& facet) {
  size_t bytes = sizeof(Facet) + facet.field.size();
  for (const FacetValue& value : facet.values) {
    bytes += sizeof(FacetValue);
    if (const auto* text = std::get_if<std::string>(&value.value)) bytes += text->size();
  }
  return bytes;
}

}  // namespace

// A lease that has ended meanwhile needs no release.
HeldSnapshot::~HeldSnapshot() { searcher_->Release(token_).IgnoreError(); }

size_t BytesOf(const StoredOrder& order) {
  size_t bytes = sizeof(StoredOrder) + order.snapshot.size();
  for (const SearchHit& hit : order.result.hits) bytes += BytesOf(hit);
  for (const Facet& facet : order.result.facets) bytes += BytesOf(facet);
  for (const Explanation& explanation : order.result.explanations) bytes += BytesOf(explanation);
  return bytes;
}

StoredOrders::StoredOrders(StoredOrderOptions options, std::function<absl::Time()> clock)
    : options_(options), clock_(std::move(clock)) {}

absl::StatusOr<std::string> StoredOrders::Keep(StoredOrder order) {
  const size_t bytes = BytesOf(order);
  if (bytes > options_.max_bytes) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "page_token: the pages of this search would take %d bytes, at most %d are kept; ask for "
        "fewer candidates, or without explanations",
        bytes, options_.max_bytes));
  }
  auto kept = std::make_shared<const StoredOrder>(std::move(order));
  Ended ended;
  base::MutexLock lock(&mutex_);
  MakeRoom(bytes, ended);
  const auto entry = entries_.insert(entries_.end(), {.key = NewToken(),
                                                      .order = std::move(kept),
                                                      .bytes = bytes,
                                                      .expires = clock_() + options_.lease});
  by_key_.emplace(entry->key, entry);
  bytes_ += bytes;
  return entry->key;
}

absl::StatusOr<std::shared_ptr<const StoredOrder>> StoredOrders::Use(std::string_view key) {
  Ended ended;
  base::MutexLock lock(&mutex_);
  MakeRoom(0, ended);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return absl::FailedPreconditionError(
        "page_token expired: nobody asked for a page of this order for too long, or others needed "
        "its room; search again");
  }
  const Entries::iterator entry = found->second;
  entry->expires = clock_() + options_.lease;
  entries_.splice(entries_.end(), entries_, entry);
  return entry->order;
}

void StoredOrders::End(Entries::iterator entry, Ended& ended) {
  ended.push_back(std::move(entry->order));
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

// Ends what has expired, then as many more as one of `bytes` needs; none when it is nothing.
void StoredOrders::MakeRoom(size_t bytes, Ended& ended) {
  const absl::Time now = clock_();
  while (!entries_.empty()) {
    const bool expired = entries_.front().expires <= now;
    const bool full = bytes > 0 && (entries_.size() >= options_.max_orders ||
                                    bytes_ + bytes > options_.max_bytes);
    if (!expired && !full) return;
    End(entries_.begin(), ended);
  }
}

}  // namespace foraker::retrieval
