#include "services/convert/rank.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

using retrieval::RankPrecision;
using retrieval::RankVariant;

// One row a value: the struct's, the wire's, the name.
template <typename Ours, typename Wire>
struct Named {
  Ours ours;
  Wire wire;
  std::string_view name;
};

constexpr Named<RankVariant, v1::RankVariant> kVariants[] = {
    {RankVariant::kPaper, v1::RANK_VARIANT_PAPER, "paper"},
    {RankVariant::kLastToken, v1::RANK_VARIANT_LAST_TOKEN, "last_token"},
    {RankVariant::kTwoTokens, v1::RANK_VARIANT_TWO_TOKENS, "two_tokens"},
    {RankVariant::kAllKeys, v1::RANK_VARIANT_ALL_KEYS, "all_keys"}};

constexpr Named<RankPrecision, v1::RankPrecision> kPrecisions[] = {
    {RankPrecision::kF32, v1::RANK_PRECISION_F32, "f32"},
    {RankPrecision::kBf16, v1::RANK_PRECISION_BF16, "bf16"},
    {RankPrecision::kInt8, v1::RANK_PRECISION_INT8, "int8"}};

template <typename Row, size_t n, typename Value>
const Row& Find(const Row (&rows)[n], Value Row::*member, Value value) {
  for (const Row& row : rows) {
    if (row.*member == value) return row;
  }
  return rows[0];
}

template <typename Ours, typename Wire, size_t n>
std::optional<Ours> Parse(const Named<Ours, Wire> (&rows)[n], std::string_view name) {
  for (const auto& row : rows) {
    if (row.name == name) return row.ours;
  }
  return std::nullopt;
}

// The number 0 stands for what is not set.
template <typename Ours, typename Wire, size_t n>
absl::StatusOr<std::optional<Ours>> FromEnum(const Named<Ours, Wire> (&rows)[n], Wire from,
                                             std::string_view kind, const FieldPath& path) {
  if (static_cast<int>(from) == 0) return std::nullopt;
  for (const auto& row : rows) {
    if (row.wire == from) return row.ours;
  }
  return path.Invalid(
      absl::StrFormat("expected a %s, got the number %d", kind, static_cast<int>(from)));
}

uint64_t Micros(const google::protobuf::Duration& from) {
  return static_cast<uint64_t>(from.seconds()) * 1'000'000 +
         static_cast<uint64_t>(from.nanos()) / 1'000;
}

void MicrosToProto(uint64_t from, google::protobuf::Duration& to) {
  ToProto(absl::Microseconds(static_cast<int64_t>(from)), to);
}

}  // namespace

std::string_view Name(RankVariant variant) {
  return Find(kVariants, &Named<RankVariant, v1::RankVariant>::ours, variant).name;
}
std::string_view Name(RankPrecision precision) {
  return Find(kPrecisions, &Named<RankPrecision, v1::RankPrecision>::ours, precision).name;
}
std::optional<RankVariant> ParseRankVariant(std::string_view name) {
  return Parse(kVariants, name);
}
std::optional<RankPrecision> ParseRankPrecision(std::string_view name) {
  return Parse(kPrecisions, name);
}

v1::RankVariant ToProto(RankVariant from) {
  return Find(kVariants, &Named<RankVariant, v1::RankVariant>::ours, from).wire;
}
v1::RankPrecision ToProto(RankPrecision from) {
  return Find(kPrecisions, &Named<RankPrecision, v1::RankPrecision>::ours, from).wire;
}

absl::StatusOr<retrieval::RankOptions> FromProto(const v1::RankOptions& from,
                                                 const FieldPath& path) {
  retrieval::RankOptions to;
  to.top_n = from.top_n();
  ASSIGN_OR_RETURN(to.variant,
                   FromEnum(kVariants, from.variant(), "RankVariant", path.Field("variant")));
  ASSIGN_OR_RETURN(to.precision, FromEnum(kPrecisions, from.precision(), "RankPrecision",
                                          path.Field("precision")));
  to.max_document_tokens = from.max_document_tokens();
  to.windows = from.windows();
  return to;
}

void ToProto(const retrieval::RankOptions& from, v1::RankOptions& to) {
  to.set_top_n(from.top_n);
  if (from.variant.has_value()) to.set_variant(ToProto(*from.variant));
  if (from.precision.has_value()) to.set_precision(ToProto(*from.precision));
  to.set_max_document_tokens(from.max_document_tokens);
  to.set_windows(from.windows);
}

absl::StatusOr<retrieval::RankRequest> FromProto(const v1::RankRequest& from) {
  const FieldPath path;
  RETURN_IF_ERROR(path.Field("query").Required(from.query()));
  retrieval::RankRequest to;
  to.query = from.query();
  to.documents.reserve(static_cast<size_t>(from.documents_size()));
  for (int i = 0; i < from.documents_size(); ++i) {
    const v1::RankDocument& document = from.documents(i);
    const FieldPath document_path = path.Element("documents", i);
    retrieval::RankDocument& added = to.documents.emplace_back();
    switch (document.source_case()) {
      case v1::RankDocument::kText:
        added = {document.text().title(), document.text().text()};
        break;
      case v1::RankDocument::kId:
        RETURN_IF_ERROR(document_path.Field("id").Required(document.id()));
        RETURN_IF_ERROR(path.Field("collection").Required(from.collection()));
        break;
      case v1::RankDocument::SOURCE_NOT_SET:
        return document_path.Invalid("expected one of text, id");
    }
  }
  ASSIGN_OR_RETURN(to.options, FromProto(from.options(), path.Field("options")));
  return to;
}

void ToProto(const retrieval::RankRequest& from, v1::RankRequest& to) {
  to.set_query(from.query);
  for (const retrieval::RankDocument& document : from.documents) {
    v1::DocumentText& text = *to.add_documents()->mutable_text();
    text.set_title(document.title);
    text.set_text(document.text);
  }
  ToProto(from.options, *to.mutable_options());
}

void ToProto(const retrieval::RankResult& from, v1::RankResponse& to) {
  for (const retrieval::RankedDocument& document : from.documents) {
    v1::RankedDocument& added = *to.add_documents();
    added.set_index(document.index);
    added.set_rank_score(document.score);
    added.set_tokens_read(document.tokens_read);
    added.set_tokens_dropped(document.tokens_dropped);
    added.set_windows(document.windows);
  }
  to.set_prompt_tokens(from.tokens);
  to.set_variant(ToProto(from.variant));
  to.set_precision(ToProto(from.precision));
  to.set_model(from.model);
  v1::RankTiming& timing = *to.mutable_timing();
  MicrosToProto(from.timing.tokenize, *timing.mutable_tokenize());
  MicrosToProto(from.timing.queue, *timing.mutable_queue());
  MicrosToProto(from.timing.compute, *timing.mutable_compute());
  MicrosToProto(from.timing.total, *timing.mutable_total());
}

retrieval::RankResult FromProto(const v1::RankResponse& from) {
  retrieval::RankResult to;
  for (const v1::RankedDocument& document : from.documents()) {
    to.documents.push_back({document.index(), document.rank_score(), document.tokens_read(),
                            document.tokens_dropped(), document.windows()});
  }
  to.tokens = from.prompt_tokens();
  to.variant = Find(kVariants, &Named<RankVariant, v1::RankVariant>::wire, from.variant()).ours;
  to.precision =
      Find(kPrecisions, &Named<RankPrecision, v1::RankPrecision>::wire, from.precision()).ours;
  to.model = from.model();
  const v1::RankTiming& timing = from.timing();
  to.timing = {Micros(timing.tokenize()), Micros(timing.queue()), Micros(timing.compute()),
               Micros(timing.total())};
  return to;
}

}  // namespace foraker::convert
