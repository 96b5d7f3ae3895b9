// Page cursors: what a page token holds, and its encoding.
//
// base64url (no padding) of, little-endian:
//
//   u8   version (1)
//   u8   kind: 1 search, 2 list, 3 reranked search
//   u64  fingerprint of the request
//   u8   length of the snapshot token (3: of the order's key), then the token
//   search: u32 bits of the last hit's score, u32 its passage in the document,
//           u16 length of its id, then the id
//   list:   u32 segment, u32 document: the first one not yet returned
//   reranked: u32 place in the order of the first hit not yet returned
//   u32  low half of XXH3-64 over all before
//
// Nothing of a page is stored: the token names the leased snapshot, or the order that a rerank made
// (retrieval/stored_orders.h), and where to go on. Pure functions. Errors: kInvalidArgument, one
// sentence whatever was damaged.

#ifndef FORAKER_RETRIEVAL_PAGE_TOKEN_H_
#define FORAKER_RETRIEVAL_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/query/top_k.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct ListCursor {
  uint32_t segment = 0;
  uint32_t document = 0;
};

struct OrderCursor {
  uint32_t place = 0;
};

struct PageToken {
  uint64_t fingerprint = 0;
  // Token of the lease, or key of the order; at most 255 bytes.
  std::string snapshot;
  std::variant<index::SearchAfter, ListCursor, OrderCursor> position;
};

std::string EncodePageToken(const PageToken& token);
absl::StatusOr<PageToken> DecodePageToken(std::string_view text);
// What a request is refused with that does not go on where its token stands.
absl::Status TokenOfAnotherRequest();
absl::Status SnapshotOfAnotherPage();

// Equal for requests that page through one result: what is asked of which collection. The size of a
// page, masks, snippets and facets may change from page to page; with a rerank, whose order keeps
// them, snippets, explanations and facets may not.
uint64_t Fingerprint(const SearchRequest& request);
uint64_t Fingerprint(const ListRequest& request);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_PAGE_TOKEN_H_
