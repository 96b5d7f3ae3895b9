// Rank requests and replies between the wire and the structs, and the names of variants and
// precisions.
//
// FromProto of a request checks what the wire alone can get wrong (kInvalidArgument naming the
// path, "documents[3]: ..."); sizes are the reranker's to check. FromProto of a reply takes it as
// it is.

#ifndef FORAKER_SERVICES_CONVERT_RANK_H_
#define FORAKER_SERVICES_CONVERT_RANK_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "foraker/v1/rank.pb.h"
#include "retrieval/api/reranker.h"
#include "services/convert/field_path.h"

namespace foraker::convert {

// "paper", "last_token", "two_tokens", "all_keys".
std::string_view Name(retrieval::RankVariant variant);
std::optional<retrieval::RankVariant> ParseRankVariant(std::string_view name);
// "f32", "bf16", "int8".
std::string_view Name(retrieval::RankPrecision precision);
std::optional<retrieval::RankPrecision> ParseRankPrecision(std::string_view name);

absl::StatusOr<retrieval::RankOptions> FromProto(const v1::RankOptions& from,
                                                 const FieldPath& path);
void ToProto(const retrieval::RankOptions& from, v1::RankOptions& to);

// A document that is named by its id is left empty: whoever knows the collection fills it in.
absl::StatusOr<retrieval::RankRequest> FromProto(const v1::RankRequest& from);
void ToProto(const retrieval::RankRequest& from, v1::RankRequest& to);

// `fetch` and the documents' ids are left to whoever fetched them.
void ToProto(const retrieval::RankResult& from, v1::RankResponse& to);
retrieval::RankResult FromProto(const v1::RankResponse& from);

v1::RankVariant ToProto(retrieval::RankVariant from);
v1::RankPrecision ToProto(retrieval::RankPrecision from);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_RANK_H_
