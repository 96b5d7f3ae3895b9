#include "services/convert/query.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::convert {
namespace {

using retrieval::NamedTerm;

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

absl::StatusOr<NamedTerm> FromTerm(const v1::SparseTerm& from, const FieldPath& path,
                                   const retrieval::RequestLimits& limits) {
  NamedTerm to;
  const v1::Term& term = from.term();
  switch (term.name_case()) {
    case v1::Term::kToken:
      to.kind = NamedTerm::Kind::kToken;
      to.text = term.token();
      break;
    case v1::Term::kStem:
      to.kind = NamedTerm::Kind::kStem;
      to.text = term.stem();
      break;
    case v1::Term::kTitle:
      to.kind = NamedTerm::Kind::kTitle;
      to.text = term.title();
      break;
    case v1::Term::kImported:
      to.kind = NamedTerm::Kind::kImported;
      to.text = term.imported();
      break;
    case v1::Term::NAME_NOT_SET:
      return path.Field("term").Invalid("expected one of token, stem, title, imported");
  }
  if (to.text.empty() || to.text.size() > limits.term_bytes) {
    return path.Field("term").Invalid(
        absl::StrFormat("expected 1 to %d bytes, got %d", limits.term_bytes, to.text.size()));
  }
  to.weight = from.weight();
  if (!std::isfinite(to.weight) || to.weight <= 0) {
    return path.Field("weight").Invalid(
        absl::StrFormat("expected a finite number above 0, got %g", to.weight));
  }
  return to;
}

absl::StatusOr<retrieval::Query> FromSparse(const v1::SparseVector& from, const FieldPath& path,
                                            const retrieval::RequestLimits& limits) {
  const auto size = static_cast<size_t>(from.terms_size());
  if (size > limits.query_terms) {
    return path.Field("terms").Invalid(
        absl::StrFormat("expected at most %d terms, got %d", limits.query_terms, size));
  }
  retrieval::SparseQuery to;
  to.terms.reserve(size);
  for (int i = 0; i < from.terms_size(); ++i) {
    ASSIGN_OR_RETURN(to.terms.emplace_back(),
                     FromTerm(from.terms(i), path.Element("terms", i), limits));
  }
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
    v1::SparseVector& vector = *to.mutable_sparse_vector();
    for (const NamedTerm& term : from.terms) {
      v1::SparseTerm& added = *vector.add_terms();
      added.set_weight(term.weight);
      switch (term.kind) {
        case NamedTerm::Kind::kToken:
          added.mutable_term()->set_token(term.text);
          break;
        case NamedTerm::Kind::kStem:
          added.mutable_term()->set_stem(term.text);
          break;
        case NamedTerm::Kind::kTitle:
          added.mutable_term()->set_title(term.text);
          break;
        case NamedTerm::Kind::kImported:
          added.mutable_term()->set_imported(term.text);
          break;
      }
    }
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
    case v1::Query::kSparseVector:
      return FromSparse(from.sparse_vector(), path.Field("sparse_vector"), limits);
    case v1::Query::kDocumentId:
      return retrieval::Query(retrieval::DocumentQuery{from.document_id()});
    case v1::Query::KIND_NOT_SET:
      break;
  }
  return path.Invalid("expected one of text, sparse_vector, document_id");
}

void ToProto(const retrieval::Query& from, v1::Query& to) { std::visit(QueryToProto{to}, from); }

}  // namespace foraker::convert
