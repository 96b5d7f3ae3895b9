// Page cursors: what a page token holds, and its encoding.
//
// base64url (no padding) of, little-endian:
//
//   u8   version (1)
//   u8   kind: 1 search, 2 list
//   u64  fingerprint of the request
//   u8   length of the snapshot token, then the token
//   search: u32 bits of the last hit's score, u32 its passage in the document,
//           u16 length of its id, then the id
//   list:   u32 segment, u32 document: the first one not yet returned
//   u32  low half of XXH3-64 over all before
//
// Nothing of a page is stored: the token names the leased snapshot and where to go on. Pure
// functions. Errors: kInvalidArgument, one sentence whatever was damaged.

#ifndef FORAKER_RETRIEVAL_PAGE_TOKEN_H_
#define FORAKER_RETRIEVAL_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "index/query/top_k.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct ListCursor {
  uint32_t segment = 0;
  uint32_t document = 0;
};

struct PageToken {
  uint64_t fingerprint = 0;
  std::string snapshot;  // token of the lease, at most 255 bytes
  std::variant<index::SearchAfter, ListCursor> position;
};

std::string EncodePageToken(const PageToken& token);
absl::StatusOr<PageToken> DecodePageToken(std::string_view text);

// Equal for requests that page through one result: what is asked of which collection. The size of a
// page, masks, snippets and facets may change from page to page.
uint64_t Fingerprint(const SearchRequest& request);
uint64_t Fingerprint(const ListRequest& request);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_PAGE_TOKEN_H_
