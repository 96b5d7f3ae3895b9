// The size of everything that a request may hold, in one place. Every Searcher, Writer and
// Administrator checks a request before it works on it, so no list, string or tree that a client
// sends is without a bound.
//
// Errors: kInvalidArgument naming the field, what it holds and what is allowed. Pure functions.

#ifndef FORAKER_RETRIEVAL_API_LIMITS_H_
#define FORAKER_RETRIEVAL_API_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/searcher.h"
#include "retrieval/api/writer.h"

namespace foraker::retrieval {

struct RequestLimits {
  size_t k = 10'000;
  size_t name_bytes = 512;  // collection, field and document names
  size_t token_bytes = 2'048;
  size_t query_text_bytes = 64 << 10;
  size_t query_terms = 10'000;
  size_t term_bytes = 1'024;
  size_t filter_nodes = 1'024;
  size_t filter_depth = 32;
  size_t filter_values = 10'000;  // of the whole filter
  size_t value_bytes = 64 << 10;
  size_t field_mask = 256;
  size_t facets = 16;
  size_t facet_values = 1'000;  // returned a facet
  size_t facet_hits = 10'000;
  size_t snippet_chars = 10'000;
  size_t snippets = 16;  // a hit
  size_t explain_ids = 100;
  size_t candidates = 500;  // of a rerank
  size_t ids = 1'000;       // of one Get
  size_t page_size = 1'000;
  size_t analyzed_bytes = 1 << 20;
  size_t link_passages = 256;
  size_t writes = 1'000;          // of one request
  size_t write_bytes = 16 << 20;  // of one request: titles, texts, fields
  size_t title_bytes = 64 << 10;
  size_t text_bytes = 8 << 20;   // of a document that is written through the service
  size_t fields = 256;           // of a document, or declared
  size_t field_values = 10'000;  // of a document
  size_t request_id_bytes = 128;
  size_t settings = 64;        // of one request
  size_t directories = 1'024;  // of one attach
};

absl::Status CheckLimits(const SearchRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const ListRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const std::vector<PassageName>& passages, const RequestLimits& limits);
absl::Status CheckLimits(const WriteRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const DeleteMatchingRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const CreateRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const AttachRequest& request, const RequestLimits& limits);
absl::Status CheckLimits(const RebuildRequest& request, const RequestLimits& limits);
absl::Status CheckSettings(const std::vector<std::pair<std::string, std::string>>& settings,
                           const RequestLimits& limits);
// `field` names the list in an error.
absl::Status CheckIds(std::string_view field, const std::vector<std::string>& ids, size_t most,
                      const RequestLimits& limits);
absl::Status CheckLength(std::string_view field, size_t bytes, size_t most);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_LIMITS_H_
