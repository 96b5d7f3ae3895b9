#include "services/convert/query.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/sparse_vector.h"

namespace foraker::convert {
namespace {

absl::Status CheckFactor(std::optional<float> factor, const FieldPath& path) {
  if (!factor.has_value() || (std::isfinite(*factor) && *factor >= 0)) return absl::OkStatus();
  return path.Invalid(absl::StrFormat("expected a finite number of at least 0, got %g", *factor));
}

absl::StatusOr<std::optional<retrieval::QueryEncoding>> FromEncoding(v1::QueryEncoding from,
                                                                     const FieldPath& path) {
  switch (from) {
    case v1::QUERY_ENCODING_UNSPECIFIED:
      return std::nullopt;
    case v1::QUERY_ENCODING_TABLE:
      return retrieval::QueryEncoding::kTable;
    case v1::QUERY_ENCODING_ENCODER:
      return retrieval::QueryEncoding::kEncoder;
    default:
      return path.Invalid(absl::StrFormat(
          "expected QUERY_ENCODING_TABLE or QUERY_ENCODING_ENCODER, got the number %d",
          static_cast<int>(from)));
  }
}

absl::StatusOr<retrieval::Query> FromText(const v1::Query& from, const FieldPath& path) {
  retrieval::TextQuery to;
  to.text = from.text();
  const v1::QueryWeights& weights = from.weights();
  const FieldPath weights_path = path.Field("weights");
  if (weights.has_stem_weight()) to.stem_weight = weights.stem_weight();
  if (weights.has_title_weight()) to.title_weight = weights.title_weight();
  RETURN_IF_ERROR(CheckFactor(to.stem_weight, weights_path.Field("stem_weight")));
  RETURN_IF_ERROR(CheckFactor(to.title_weight, weights_path.Field("title_weight")));
  ASSIGN_OR_RETURN(to.encoding, FromEncoding(weights.encoding(), weights_path.Field("encoding")));
  return retrieval::Query(std::move(to));
}

struct QueryToProto {
  v1::Query& to;

  void operator()(const retrieval::TextQuery& from) const {
    to.set_text(from.text);
    if (from.stem_weight.has_value()) {
      to.mutable_weights()->set_stem_weight(*from.stem_weight);
    }
    if (from.title_weight.has_value()) {
      to.mutable_weights()->set_title_weight(*from.title_weight);
    }
    if (from.encoding.has_value()) {
      to.mutable_weights()->set_encoding(*from.encoding == retrieval::QueryEncoding::kTable
                                             ? v1::QUERY_ENCODING_TABLE
                                             : v1::QUERY_ENCODING_ENCODER);
    }
  }

  void operator()(const retrieval::SparseQuery& from) const {
    ToProto(from.terms, *to.mutable_sparse_vector());
  }

  void operator()(const retrieval::DocumentQuery& from) const {
    to.set_document_id(from.document_id);
  }
};

}  // namespace

absl::StatusOr<retrieval::Query> FromProto(const v1::Query& from, const FieldPath& path,
                                           const retrieval::RequestLimits& limits) {
  if (from.has_weights() && from.kind_case() != v1::Query::kText) {
    return path.Field("weights").Invalid("only a text query has weights to override");
  }
  switch (from.kind_case()) {
    case v1::Query::kText:
      return FromText(from, path);
    case v1::Query::kSparseVector: {
      ASSIGN_OR_RETURN(std::vector<retrieval::NamedTerm> terms,
                       FromProto(from.sparse_vector(), path.Field("sparse_vector"), limits));
      return retrieval::Query(retrieval::SparseQuery{std::move(terms)});
    }
    case v1::Query::kDocumentId:
      return retrieval::Query(retrieval::DocumentQuery{from.document_id()});
    case v1::Query::KIND_NOT_SET:
      break;
  }
  return path.Invalid("expected one of text, sparse_vector, document_id");
}

void ToProto(const retrieval::Query& from, v1::Query& to) { std::visit(QueryToProto{to}, from); }

}  // namespace foraker::convert
