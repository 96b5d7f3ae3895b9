#include "index/collection/write_planner.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "index/segment/document_reader.h"

namespace foraker::index {
namespace {

using base::ToAbsl;

std::string_view IdOf(const Write& write) {
  if (const auto* put = std::get_if<PutDocument>(&write.change)) return put->document.id;
  if (const auto* fields = std::get_if<UpdateFields>(&write.change)) return fields->id;
  return std::get<DeleteDocument>(write.change).id;
}

absl::Status CheckCondition(const Write& write, std::optional<uint64_t> version) {
  if (!write.if_version.has_value() || *write.if_version == version.value_or(0)) {
    return absl::OkStatus();
  }
  const absl::string_view id = ToAbsl(IdOf(write));
  if (!version.has_value()) {
    return absl::AbortedError(absl::StrCat(
        "document \"", id, "\" does not exist, so it has not version ", *write.if_version));
  }
  return absl::AbortedError(
      absl::StrCat("document \"", id, "\" has version ", *version, ", not ", *write.if_version));
}

absl::Status NoDocument(std::string_view id) {
  return absl::NotFoundError(absl::StrCat("no document \"", ToAbsl(id), "\""));
}

// The strings that the segment holds of a document's terms.
absl::StatusOr<std::vector<TermName>> NamesOf(const Document& document, const Segment& segment) {
  std::vector<TermName> names;
  absl::flat_hash_set<TermKey> seen;
  for (const Passage& passage : document.passages) {
    for (const TermKey key : passage.vector.keys) {
      if (!seen.insert(key).second) continue;
      ASSIGN_OR_RETURN(const std::optional<TermOrdinal> term, segment.terms().Find(key));
      if (!term.has_value()) continue;
      ASSIGN_OR_RETURN(const std::string_view name, segment.TermName(*term));
      if (!name.empty()) names.emplace_back(key, name);
    }
  }
  return names;
}

void Remove(std::vector<Field>& fields, std::string_view name) {
  std::erase_if(fields, [name](const Field& field) { return field.name == name; });
}

}  // namespace

absl::StatusOr<std::optional<uint64_t>> WritePlanner::VersionOf(std::string_view id) const {
  const auto written = last_.find(ToAbsl(id));
  if (written == last_.end()) return head_.VersionOf(id);
  const LoggedWrite& write = writes_[written->second];
  if (std::holds_alternative<DeleteDocument>(write.change)) return std::nullopt;
  return write.sequence;
}

absl::StatusOr<PutDocument> WritePlanner::Load(std::string_view id) const {
  const auto written = last_.find(ToAbsl(id));
  if (written != last_.end()) return std::get<PutDocument>(writes_[written->second].change);
  ASSIGN_OR_RETURN(const std::optional<CollectionHead::Place> place, head_.Find(id));
  if (!place.has_value()) return NoDocument(id);
  const Segment& segment = *head_.snapshot()->segments[place->segment].segment;
  PutDocument put;
  ASSIGN_OR_RETURN(put.document, ReadDocument(segment, place->document));
  ASSIGN_OR_RETURN(put.names, NamesOf(put.document, segment));
  return put;
}

void WritePlanner::Log(std::string id, std::variant<PutDocument, DeleteDocument> change) {
  LoggedWrite& write = writes_.emplace_back();
  write.sequence = next_sequence_++;
  write.change = std::move(change);
  if (auto* put = std::get_if<PutDocument>(&write.change)) put->document.version = write.sequence;
  last_[std::move(id)] = writes_.size() - 1;
}

absl::Status WritePlanner::Put(PutDocument put, WriteResult& result) {
  RETURN_IF_ERROR(empty_segment_.Check(put.document));
  RETURN_IF_ERROR(schema_.Check(put.document));
  schema_.Add(put.document);
  std::string id = put.document.id;
  Log(std::move(id), std::move(put));
  result.version = writes_.back().sequence;
  return absl::OkStatus();
}

absl::Status WritePlanner::Update(const UpdateFields& update, WriteResult& result) {
  ASSIGN_OR_RETURN(PutDocument put, Load(update.id));
  std::vector<Field>& fields = put.document.fields;
  for (const std::string& name : update.clear) Remove(fields, name);
  for (const Field& field : update.set) Remove(fields, field.name);
  fields.insert(fields.end(), update.set.begin(), update.set.end());
  return Put(std::move(put), result);
}

absl::Status WritePlanner::Decide(Write write, WriteResult& result) {
  if (const auto* refused = std::get_if<RefusedWrite>(&write.change)) return refused->status;
  ASSIGN_OR_RETURN(const std::optional<uint64_t> version, VersionOf(IdOf(write)));
  result.existed = version.has_value();
  if (absl::Status condition = CheckCondition(write, version); !condition.ok()) {
    result.version = version.value_or(0);
    return condition;
  }
  if (auto* put = std::get_if<PutDocument>(&write.change)) return Put(std::move(*put), result);
  if (!version.has_value()) return NoDocument(IdOf(write));
  if (const auto* fields = std::get_if<UpdateFields>(&write.change)) return Update(*fields, result);
  auto& removal = std::get<DeleteDocument>(write.change);
  std::string id = removal.id;
  Log(std::move(id), std::move(removal));
  return absl::OkStatus();
}

BatchResult WritePlanner::Decide(WriteBatch batch) {
  BatchResult out;
  for (Write& write : batch.writes) {
    WriteResult& result = out.results.emplace_back();
    result.status = Decide(std::move(write), result);
    if (result.status.ok()) out.sequence = writes_.back().sequence;
  }
  return out;
}

}  // namespace foraker::index
