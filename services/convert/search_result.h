// Replies of the Search service between the structs and the wire: ToProto on the server, FromProto
// on the client (kInternal when a reply makes no sense; unknown fields of a newer server are
// ignored).

#ifndef FORAKER_SERVICES_CONVERT_SEARCH_RESULT_H_
#define FORAKER_SERVICES_CONVERT_SEARCH_RESULT_H_

#include "absl/status/statusor.h"
#include "foraker/v1/search.pb.h"
#include "retrieval/api/searcher.h"

namespace foraker::convert {

void ToProto(const retrieval::SearchResult& from, v1::SearchResponse& to);
absl::StatusOr<retrieval::SearchResult> FromProto(const v1::SearchResponse& from);

void ToProto(const retrieval::AnalyzedTerm& from, v1::AnalyzedTerm& to);
retrieval::AnalyzedTerm FromProto(const v1::AnalyzedTerm& from);

void ToProto(const retrieval::Link& from, v1::Link& to);
retrieval::Link FromProto(const v1::Link& from);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_SEARCH_RESULT_H_
