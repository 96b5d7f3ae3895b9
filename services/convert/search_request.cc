#include "services/convert/search_request.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/filter.h"
#include "services/convert/query.h"
#include "services/convert/rank.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

constexpr uint32_t kDefaultPageSize = 10;

// A count that is not set has a default; one that is set lies in [least, most].
absl::StatusOr<uint32_t> Count(bool set, uint32_t given, uint32_t unset, uint32_t least,
                               size_t most, const FieldPath& path) {
  if (!set) return unset;
  if (given >= least && given <= most) return given;
  return path.Invalid(absl::StrFormat("expected %d to %d, got %d", least, most, given));
}

absl::Status SnippetsFromProto(const v1::SnippetOptions& from,
                               const retrieval::RequestLimits& limits, const FieldPath& path,
                               retrieval::SearchRequest& to) {
  retrieval::SnippetRequest snippet;
  ASSIGN_OR_RETURN(snippet.max_chars,
                   Count(from.has_max_chars(), from.max_chars(), snippet.max_chars, 1,
                         limits.snippet_chars, path.Field("max_chars")));
  ASSIGN_OR_RETURN(snippet.count, Count(from.has_count(), from.count(), snippet.count, 1,
                                        limits.snippets, path.Field("count")));
  to.snippet = snippet;
  return absl::OkStatus();
}

absl::Status FacetsFromProto(const v1::SearchRequest& from, const retrieval::RequestLimits& limits,
                             const FieldPath& path, retrieval::SearchRequest& to) {
  for (int i = 0; i < from.facets_size(); ++i) {
    const v1::FacetRequest& facet = from.facets(i);
    const FieldPath facet_path = path.Element("facets", i);
    retrieval::FacetRequest converted;
    converted.field = facet.field();
    if (converted.field.empty()) return facet_path.Field("field").Invalid("must be given");
    ASSIGN_OR_RETURN(converted.limit, Count(facet.has_limit(), facet.limit(), converted.limit, 0,
                                            limits.facet_values, facet_path.Field("limit")));
    converted.best_hits = facet.best_hits();
    to.facets.push_back(std::move(converted));
  }
  return absl::OkStatus();
}

absl::Status TimeLimitFromProto(const v1::SearchRequest& from, absl::Time arrival,
                                const FieldPath& path, retrieval::SearchRequest& to) {
  if (!from.has_time_limit()) return absl::OkStatus();
  const FieldPath limit_path = path.Field("time_limit");
  ASSIGN_OR_RETURN(absl::Duration limit, FromProto(from.time_limit(), limit_path));
  if (limit <= absl::ZeroDuration()) return limit_path.Invalid("expected a duration above 0");
  to.deadline = arrival + limit;
  return absl::OkStatus();
}

absl::StatusOr<retrieval::CollapseMode> FromProto(v1::Collapse from, const FieldPath& path) {
  switch (from) {
    case v1::COLLAPSE_UNSPECIFIED:
    case v1::COLLAPSE_DOCUMENT:
      return retrieval::CollapseMode::kDocument;
    case v1::COLLAPSE_NONE:
      return retrieval::CollapseMode::kNone;
    default:
      return path.Invalid(
          absl::StrFormat("expected COLLAPSE_DOCUMENT or COLLAPSE_NONE, got the number %d",
                          static_cast<int>(from)));
  }
}

absl::Status DocumentPartsFromProto(const v1::SearchRequest& from, const FieldPath& path,
                                    retrieval::SearchRequest& to) {
  ASSIGN_OR_RETURN(ReadMask mask, FromProto(from.read_mask(), ReadMask(), path.Field("read_mask")));
  to.with_title = mask.title;
  to.with_text = mask.text;
  to.with_fields = mask.fields;
  to.field_mask.assign(from.field_names().begin(), from.field_names().end());
  return absl::OkStatus();
}

// After the page's size, which it bounds.
absl::Status RerankFromProto(const v1::SearchRequest& request,
                             const retrieval::RequestLimits& limits, const FieldPath& request_path,
                             retrieval::SearchRequest& to) {
  const v1::RerankStage& from = request.rerank();
  const FieldPath path = request_path.Field("rerank");
  retrieval::RerankStage stage;
  ASSIGN_OR_RETURN(stage.candidates,
                   Count(from.has_candidates(), from.candidates(), stage.candidates, 1,
                         limits.candidates, path.Field("candidates")));
  const FieldPath options_path = path.Field("options");
  ASSIGN_OR_RETURN(stage.options, FromProto(from.options(), options_path));
  if (stage.options.top_n != 0) {
    return options_path.Field("top_n").Invalid("expected 0: page_size says how many hits come");
  }
  if (!request.has_page_size()) to.k = std::min(to.k, stage.candidates);
  if (to.k == 0 || to.k > stage.candidates) {
    return request_path.Field("page_size")
        .Invalid(absl::StrFormat("expected 1 to %d, the candidates of the rerank, got %d",
                                 stage.candidates, to.k));
  }
  to.rerank = std::move(stage);
  return absl::OkStatus();
}

void OptionsToProto(const retrieval::SearchRequest& from, v1::SearchRequest& to) {
  if (from.snippet.has_value()) {
    to.mutable_snippets()->set_max_chars(from.snippet->max_chars);
    to.mutable_snippets()->set_count(from.snippet->count);
  }
  if (from.explain) to.mutable_explain()->set_hits(true);
  for (const std::string& id : from.explain_ids) to.mutable_explain()->add_document_ids(id);
  for (const retrieval::FacetRequest& facet : from.facets) {
    v1::FacetRequest& added = *to.add_facets();
    added.set_field(facet.field);
    added.set_limit(facet.limit);
    added.set_best_hits(facet.best_hits);
  }
  if (from.rerank.has_value()) {
    to.mutable_rerank()->set_candidates(from.rerank->candidates);
    ToProto(from.rerank->options, *to.mutable_rerank()->mutable_options());
  }
}

}  // namespace

absl::StatusOr<ReadMask> FromProto(const google::protobuf::FieldMask& from, ReadMask unset,
                                   const FieldPath& path) {
  if (from.paths_size() == 0) return unset;
  ReadMask mask{false, false, false};
  for (int i = 0; i < from.paths_size(); ++i) {
    const std::string& part = from.paths(i);
    if (part == "*") {
      mask = ReadMask();
    } else if (part == "title") {
      mask.title = true;
    } else if (part == "text") {
      mask.text = true;
    } else if (part == "fields") {
      mask.fields = true;
    } else if (part != "id" && part != "version") {
      return path.Element("paths", i)
          .Invalid(
              absl::StrFormat("expected id, version, title, text, fields or *, got \"%s\"", part));
    }
  }
  return mask;
}

void ToProto(const ReadMask& from, google::protobuf::FieldMask& to) {
  to.add_paths("id");
  if (from.title) to.add_paths("title");
  if (from.text) to.add_paths("text");
  if (from.fields) to.add_paths("fields");
}

absl::StatusOr<retrieval::SearchRequest> FromProto(const v1::SearchRequest& from,
                                                   absl::Time arrival,
                                                   const retrieval::RequestLimits& limits,
                                                   const FieldPath& path) {
  retrieval::SearchRequest to;
  to.collection = from.collection();
  if (to.collection.empty()) return path.Field("collection").Invalid("must be given");
  to.snapshot = from.snapshot();
  ASSIGN_OR_RETURN(to.query, FromProto(from.query(), path.Field("query"), limits));
  if (from.has_filter()) {
    ASSIGN_OR_RETURN(to.filter,
                     FromProto(from.filter(), path.Field("filter"), limits.filter_depth));
  }
  ASSIGN_OR_RETURN(to.k, Count(from.has_page_size(), from.page_size(), kDefaultPageSize, 0,
                               limits.k, path.Field("page_size")));
  to.page_token = from.page_token();
  to.want_page_token = from.with_next_page() || !from.page_token().empty();
  ASSIGN_OR_RETURN(to.collapse, FromProto(from.collapse(), path.Field("collapse")));
  RETURN_IF_ERROR(DocumentPartsFromProto(from, path, to));
  if (from.has_snippets()) {
    RETURN_IF_ERROR(SnippetsFromProto(from.snippets(), limits, path.Field("snippets"), to));
  }
  to.explain = from.explain().hits();
  to.explain_ids.assign(from.explain().document_ids().begin(), from.explain().document_ids().end());
  RETURN_IF_ERROR(FacetsFromProto(from, limits, path, to));
  if (from.has_max_postings()) to.max_postings = from.max_postings();
  RETURN_IF_ERROR(TimeLimitFromProto(from, arrival, path, to));
  if (from.has_rerank()) RETURN_IF_ERROR(RerankFromProto(from, limits, path, to));
  return to;
}

void ToProto(const retrieval::SearchRequest& from, absl::Time now, v1::SearchRequest& to) {
  to.set_collection(from.collection);
  to.set_snapshot(from.snapshot);
  ToProto(from.query, *to.mutable_query());
  if (from.filter.has_value()) ToProto(*from.filter, *to.mutable_filter());
  to.set_page_size(from.k);
  to.set_page_token(from.page_token);
  to.set_with_next_page(from.want_page_token);
  to.set_collapse(from.collapse == retrieval::CollapseMode::kNone ? v1::COLLAPSE_NONE
                                                                  : v1::COLLAPSE_DOCUMENT);
  ToProto(ReadMask{from.with_title, from.with_text, from.with_fields}, *to.mutable_read_mask());
  for (const std::string& name : from.field_mask) to.add_field_names(name);
  OptionsToProto(from, to);
  if (from.max_postings != std::numeric_limits<uint64_t>::max()) {
    to.set_max_postings(from.max_postings);
  }
  if (from.deadline != absl::InfiniteFuture()) {
    // A deadline in the past still asks for what can be had at once.
    ToProto(std::max(from.deadline - now, absl::Microseconds(1)), *to.mutable_time_limit());
  }
}

}  // namespace foraker::convert
