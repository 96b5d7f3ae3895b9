#include "retrieval/prepared_writes.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/field_values.h"
#include "retrieval/imported_vector.h"

namespace foraker::retrieval {
namespace {

using Names = absl::flat_hash_map<index::TermKey, std::string>;

absl::Status RefuseVector(const PutRequest& put) {
  if (put.vector.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "document \"%s\": vector: the collection encodes text itself; leave the vector out", put.id));
}

absl::Status AddVector(const PutRequest& put, index::PutDocument& prepared) {
  if (put.vector.empty()) {
    return absl::InvalidArgumentError(
        "vector: the collection holds imported vectors, expected one");
  }
  std::vector<ImportedTerm> terms;
  terms.reserve(put.vector.size());
  for (const NamedTerm& term : put.vector) {
    if (term.kind != NamedTerm::Kind::kImported) {
      return absl::InvalidArgumentError(
          absl::StrFormat("vector: expected imported terms, %s is none", Quoted(term.text)));
    }
    ASSIGN_OR_RETURN(terms.emplace_back(), MakeImportedTerm(term.text, term.weight));
  }
  const auto name = [&prepared](index::TermKey key, std::string_view utf8) {
    prepared.names.emplace_back(key, std::string(utf8));
  };
  return AddImportedPassage(terms, /*with_positions=*/false, name, prepared.document);
}

// The strings of the document's own terms, each once.
std::vector<index::TermName> NamesOf(const index::Document& document, const Names& names) {
  std::vector<index::TermName> own;
  absl::flat_hash_set<index::TermKey> seen;
  for (const index::Passage& passage : document.passages) {
    for (const index::TermKey key : passage.vector.keys) {
      const auto name = names.find(key);
      if (name != names.end() && seen.insert(key).second) own.emplace_back(key, name->second);
    }
  }
  return own;
}

}  // namespace

absl::StatusOr<PreparedWrites> PreparedWrites::Of(const std::vector<DocumentWrite>& writes,
                                                  const CollectionSettings& settings,
                                                  const index::Snapshot& newest) {
  FieldSchema schema;
  for (const auto& [name, type] : settings.fields) RETURN_IF_ERROR(schema.Declare(name, type));
  RETURN_IF_ERROR(schema.DeclareAll(newest));
  PreparedWrites prepared(std::move(schema), settings.document.encoder == "vectors");
  prepared.writes_.reserve(writes.size());
  for (const DocumentWrite& write : writes) prepared.Add(write);
  prepared.dropped_tokens_.resize(writes.size());
  return prepared;
}

void PreparedWrites::Add(const DocumentWrite& write) {
  index::Write& prepared = writes_.emplace_back();
  prepared.if_version = write.if_version;
  const auto keep = [&prepared](auto change) {
    if (change.ok()) {
      prepared.change = *std::move(change);
    } else {
      prepared.change = index::RefusedWrite{change.status()};
    }
  };
  if (const auto* put = std::get_if<PutRequest>(&write.change)) {
    keep(Prepare(*put));
  } else if (const auto* update = std::get_if<UpdateFieldsRequest>(&write.change)) {
    keep(Prepare(*update));
  } else {
    prepared.change = index::DeleteDocument{std::get<DeleteRequest>(write.change).id};
  }
}

absl::StatusOr<index::PutDocument> PreparedWrites::Prepare(const PutRequest& put) {
  index::PutDocument prepared;
  index::Document& document = prepared.document;
  document.id = put.id;
  document.title = put.title;
  document.text = put.text;
  ASSIGN_OR_RETURN(document.fields, ToFields(put.fields));
  if (imported_) {
    RETURN_IF_ERROR(
        base::Annotate(AddVector(put, prepared), absl::StrFormat("document \"%s\"", put.id)));
  } else {
    RETURN_IF_ERROR(RefuseVector(put));
    text_bytes_ += put.title.size() + put.text.size();
  }
  RETURN_IF_ERROR(
      base::Annotate(schema_.Conform(document), absl::StrFormat("document \"%s\"", put.id)));
  return prepared;
}

absl::StatusOr<index::UpdateFields> PreparedWrites::Prepare(const UpdateFieldsRequest& update) {
  const std::string where = absl::StrFormat("document \"%s\"", update.id);
  const auto without_values = std::find_if(update.set.begin(), update.set.end(),
                                           [](const auto& field) { return field.second.empty(); });
  if (without_values != update.set.end()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: field \"%s\": expected a value; clear it to remove it", where, without_values->first));
  }
  index::Document changed;  // as far as types are concerned
  absl::StatusOr<std::vector<index::Field>> fields = ToFields(update.set);
  if (!fields.ok()) return base::Annotate(fields.status(), where);
  changed.fields = *std::move(fields);
  RETURN_IF_ERROR(base::Annotate(schema_.Conform(changed), where));
  return index::UpdateFields{
      .id = update.id, .set = std::move(changed.fields), .clear = update.clear};
}

absl::Status PreparedWrites::Encode(EncoderPool& encoders, absl::Time deadline) {
  std::vector<size_t> places;
  std::vector<index::Document*> documents;
  for (size_t i = 0; i < writes_.size(); ++i) {
    auto* put = std::get_if<index::PutDocument>(&writes_[i].change);
    if (put == nullptr) continue;
    places.push_back(i);
    documents.push_back(&put->document);
  }
  Names names;
  const auto name_term = [&names](index::TermKey key, std::string_view utf8) {
    names.try_emplace(key, utf8);
  };
  std::vector<DocumentEncoder::Outcome> outcomes;
  RETURN_IF_ERROR(encoders.Encode(documents, deadline, name_term, outcomes));
  for (size_t i = 0; i < places.size(); ++i) {
    index::Write& write = writes_[places[i]];
    if (!outcomes[i].error.ok()) {
      write.change = index::RefusedWrite{std::move(outcomes[i].error)};
      continue;
    }
    auto& put = std::get<index::PutDocument>(write.change);
    put.names = NamesOf(put.document, names);
    dropped_tokens_[places[i]] = outcomes[i].dropped_tokens;
  }
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
