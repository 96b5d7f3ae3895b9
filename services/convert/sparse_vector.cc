#include "services/convert/sparse_vector.h"

#include <cmath>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::convert {
namespace {

using retrieval::NamedTerm;

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

}  // namespace

absl::StatusOr<std::vector<NamedTerm>> FromProto(const v1::SparseVector& from,
                                                 const FieldPath& path,
                                                 const retrieval::RequestLimits& limits) {
  const auto size = static_cast<size_t>(from.terms_size());
  if (size > limits.query_terms) {
    return path.Field("terms").Invalid(
        absl::StrFormat("expected at most %d terms, got %d", limits.query_terms, size));
  }
  std::vector<NamedTerm> to;
  to.reserve(size);
  for (int i = 0; i < from.terms_size(); ++i) {
    ASSIGN_OR_RETURN(to.emplace_back(), FromTerm(from.terms(i), path.Element("terms", i), limits));
  }
  return to;
}

void ToProto(const std::vector<NamedTerm>& from, v1::SparseVector& to) {
  for (const NamedTerm& term : from) {
    v1::SparseTerm& added = *to.add_terms();
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

}  // namespace foraker::convert
