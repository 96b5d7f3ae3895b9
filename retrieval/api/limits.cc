#include "retrieval/api/limits.h"

#include <cmath>
#include <optional>
#include <variant>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

absl::Status CheckCount(std::string_view field, size_t count, size_t most) {
  if (count <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %d given, at most %d allowed", field, count, most));
}

absl::Status CheckName(std::string_view field, std::string_view name, size_t most) {
  if (name.empty()) return absl::InvalidArgumentError(absl::StrFormat("%s: must be given", field));
  return CheckLength(field, name.size(), most);
}

absl::Status CheckFactor(std::string_view field, std::optional<float> factor) {
  if (!factor.has_value() || (std::isfinite(*factor) && *factor >= 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: expected a finite number of at least 0, got %g", field, *factor));
}

absl::Status CheckQuery(const TextQuery& query, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckLength("query.text", query.text.size(), limits.query_text_bytes));
  RETURN_IF_ERROR(CheckFactor("query.stem_weight", query.stem_weight));
  return CheckFactor("query.title_weight", query.title_weight);
}

absl::Status CheckQuery(const SparseQuery& query, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckCount("query.terms", query.terms.size(), limits.query_terms));
  for (size_t i = 0; i < query.terms.size(); ++i) {
    const NamedTerm& term = query.terms[i];
    RETURN_IF_ERROR(CheckName(absl::StrFormat("query.terms[%d]", i), term.text, limits.term_bytes));
    if (std::isfinite(term.weight) && term.weight > 0) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "query.terms[%d].weight: expected a finite number above 0, got %g", i, term.weight));
  }
  return absl::OkStatus();
}

absl::Status CheckQuery(const DocumentQuery& query, const RequestLimits& limits) {
  return CheckName("query.document_id", query.document_id, limits.name_bytes);
}

// Walks a filter's tree and adds up what it holds.
class FilterCheck {
 public:
  explicit FilterCheck(const RequestLimits& limits) : limits_(limits) {}

  absl::Status Visit(const Filter& filter, size_t depth) {
    if (depth > limits_.filter_depth) {
      return absl::InvalidArgumentError(
          absl::StrFormat("filter: nested deeper than %d", limits_.filter_depth));
    }
    if (++nodes_ > limits_.filter_nodes) {
      return absl::InvalidArgumentError(
          absl::StrFormat("filter: more than %d conditions", limits_.filter_nodes));
    }
    switch (filter.kind) {
      case Filter::Kind::kNot:
        if (filter.operands.size() != 1) {
          return absl::InvalidArgumentError(absl::StrFormat(
              "filter: \"not\" takes one condition, got %d", filter.operands.size()));
        }
        [[fallthrough]];
      case Filter::Kind::kAnd:
      case Filter::Kind::kOr:
        for (const Filter& operand : filter.operands) RETURN_IF_ERROR(Visit(operand, depth + 1));
        return absl::OkStatus();
      case Filter::Kind::kEquals:
        if (filter.values.size() != 1) {
          return absl::InvalidArgumentError(
              absl::StrFormat("filter on field \"%s\": \"equals\" takes one value, got %d",
                              filter.field, filter.values.size()));
        }
        break;
      case Filter::Kind::kRange:
        if (!filter.low.has_value() && !filter.high.has_value()) {
          return absl::InvalidArgumentError(absl::StrFormat(
              "filter on field \"%s\": \"range\" needs a low or a high bound", filter.field));
        }
        break;
      case Filter::Kind::kIn:
      case Filter::Kind::kExists:
        break;
    }
    return CheckCondition(filter);
  }

 private:
  absl::Status CheckCondition(const Filter& filter) {
    RETURN_IF_ERROR(CheckName("filter.field", filter.field, limits_.name_bytes));
    values_ += filter.values.size();
    RETURN_IF_ERROR(CheckCount("filter: values", values_, limits_.filter_values));
    for (const Value& value : filter.values) RETURN_IF_ERROR(CheckValue(filter, value));
    if (filter.low.has_value()) RETURN_IF_ERROR(CheckValue(filter, *filter.low));
    if (filter.high.has_value()) RETURN_IF_ERROR(CheckValue(filter, *filter.high));
    return absl::OkStatus();
  }

  absl::Status CheckValue(const Filter& filter, const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value)) {
      return CheckLength(absl::StrFormat("filter on field \"%s\": value", filter.field),
                         text->size(), limits_.value_bytes);
    }
    if (const auto* real = std::get_if<double>(&value); real != nullptr && std::isnan(*real)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "filter on field \"%s\": not-a-number compares with nothing", filter.field));
    }
    return absl::OkStatus();
  }

  const RequestLimits& limits_;
  size_t nodes_ = 0;
  size_t values_ = 0;
};

absl::Status CheckFacets(const std::vector<FacetRequest>& facets, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckCount("facets", facets.size(), limits.facets));
  for (const FacetRequest& facet : facets) {
    RETURN_IF_ERROR(CheckName("facets.field", facet.field, limits.name_bytes));
    RETURN_IF_ERROR(CheckCount("facets.limit", facet.limit, limits.facet_values));
    RETURN_IF_ERROR(CheckCount("facets.best_hits", facet.best_hits, limits.facet_hits));
  }
  return absl::OkStatus();
}

absl::Status CheckSnippet(const SnippetRequest& snippet, const RequestLimits& limits) {
  if (snippet.max_chars == 0) {
    return absl::InvalidArgumentError("snippet.max_chars: expected at least 1");
  }
  RETURN_IF_ERROR(CheckCount("snippet.max_chars", snippet.max_chars, limits.snippet_chars));
  if (snippet.count == 0) {
    return absl::InvalidArgumentError("snippet.count: expected at least 1");
  }
  return CheckCount("snippet.count", snippet.count, limits.snippets);
}

absl::Status CheckRerank(const SearchRequest& request, const RequestLimits& limits) {
  const RerankStage& stage = *request.rerank;
  if (stage.candidates == 0 || stage.candidates > limits.candidates) {
    return absl::InvalidArgumentError(absl::StrFormat("rerank.candidates: expected 1 to %d, got %d",
                                                      limits.candidates, stage.candidates));
  }
  if (stage.options.top_n != 0) {
    return absl::InvalidArgumentError(
        "rerank.options.top_n: must be 0, for the size of a page says how many hits are returned");
  }
  if (request.k == 0 || request.k > stage.candidates) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "k: expected 1 to %d, the candidates of the rerank; got %d", stage.candidates, request.k));
  }
  const auto* text = std::get_if<TextQuery>(&request.query);
  if (text != nullptr && !text->text.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "rerank: query.text must be given, for it is what the language model reads");
}

// Adds up what the writes of a request hold.
class WriteCheck {
 public:
  explicit WriteCheck(const RequestLimits& limits) : limits_(limits) {}

  absl::Status Visit(const PutRequest& put) {
    RETURN_IF_ERROR(CheckName("writes.put.id", put.id, limits_.name_bytes));
    RETURN_IF_ERROR(CheckLength("writes.put.title", put.title.size(), limits_.title_bytes));
    RETURN_IF_ERROR(CheckLength("writes.put.text", put.text.size(), limits_.text_bytes));
    RETURN_IF_ERROR(CheckCount("writes.put.vector", put.vector.size(), limits_.query_terms));
    bytes_ += put.id.size() + put.title.size() + put.text.size();
    for (const NamedTerm& term : put.vector) {
      RETURN_IF_ERROR(CheckName("writes.put.vector", term.text, limits_.term_bytes));
      bytes_ += term.text.size() + sizeof(term.weight);
    }
    return VisitFields("writes.put.fields", put.fields);
  }
  absl::Status Visit(const DeleteRequest& write) {
    bytes_ += write.id.size();
    return CheckName("writes.delete.id", write.id, limits_.name_bytes);
  }
  absl::Status Visit(const UpdateFieldsRequest& update) {
    RETURN_IF_ERROR(CheckName("writes.update_fields.id", update.id, limits_.name_bytes));
    bytes_ += update.id.size();
    RETURN_IF_ERROR(CheckIds("writes.update_fields.clear", update.clear, limits_.fields, limits_));
    return VisitFields("writes.update_fields.set", update.set);
  }
  absl::Status Finish() const { return CheckLength("writes", bytes_, limits_.write_bytes); }

 private:
  absl::Status VisitFields(std::string_view what, const FieldValues& fields) {
    RETURN_IF_ERROR(CheckCount(what, fields.size(), limits_.fields));
    size_t count = 0;
    for (const auto& [name, values] : fields) {
      RETURN_IF_ERROR(CheckName(what, name, limits_.name_bytes));
      count += values.size();
      bytes_ += name.size();
      for (const Value& value : values) {
        const auto* text = std::get_if<std::string>(&value);
        const size_t bytes = text != nullptr ? text->size() : sizeof(int64_t);
        RETURN_IF_ERROR(CheckLength(what, bytes, limits_.value_bytes));
        bytes_ += bytes;
      }
    }
    return CheckCount(absl::StrFormat("%s: values", what), count, limits_.field_values);
  }

  const RequestLimits& limits_;
  size_t bytes_ = 0;
};

}  // namespace

absl::Status CheckLength(std::string_view field, size_t bytes, size_t most) {
  if (bytes <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %d bytes long, at most %d allowed", field, bytes, most));
}

absl::Status CheckIds(std::string_view field, const std::vector<std::string>& ids, size_t most,
                      const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckCount(field, ids.size(), most));
  for (const std::string& id : ids) RETURN_IF_ERROR(CheckName(field, id, limits.name_bytes));
  return absl::OkStatus();
}

absl::Status CheckLimits(const SearchRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckLength("snapshot", request.snapshot.size(), limits.token_bytes));
  RETURN_IF_ERROR(CheckLength("page_token", request.page_token.size(), limits.token_bytes));
  RETURN_IF_ERROR(CheckCount("k", request.k, limits.k));
  RETURN_IF_ERROR(
      std::visit([&](const auto& query) { return CheckQuery(query, limits); }, request.query));
  if (request.filter.has_value()) {
    RETURN_IF_ERROR(FilterCheck(limits).Visit(*request.filter, 1));
  }
  RETURN_IF_ERROR(CheckIds("field_names", request.field_mask, limits.field_mask, limits));
  RETURN_IF_ERROR(CheckIds("explain_ids", request.explain_ids, limits.explain_ids, limits));
  RETURN_IF_ERROR(CheckFacets(request.facets, limits));
  if (request.snippet.has_value()) RETURN_IF_ERROR(CheckSnippet(*request.snippet, limits));
  return request.rerank.has_value() ? CheckRerank(request, limits) : absl::OkStatus();
}

absl::Status CheckLimits(const ListRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckLength("snapshot", request.snapshot.size(), limits.token_bytes));
  RETURN_IF_ERROR(CheckLength("page_token", request.page_token.size(), limits.token_bytes));
  if (request.page_size == 0) return absl::InvalidArgumentError("page_size: expected at least 1");
  return CheckCount("page_size", request.page_size, limits.page_size);
}

absl::Status CheckLimits(const std::vector<PassageName>& passages, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckCount("passages", passages.size(), limits.link_passages));
  for (const PassageName& passage : passages) {
    RETURN_IF_ERROR(CheckName("passages.document_id", passage.document_id, limits.name_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const WriteRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckLength("request_id", request.request_id.size(), limits.request_id_bytes));
  if (request.writes.empty()) return absl::InvalidArgumentError("writes: must be given");
  RETURN_IF_ERROR(CheckCount("writes", request.writes.size(), limits.writes));
  WriteCheck check(limits);
  for (const DocumentWrite& write : request.writes) {
    RETURN_IF_ERROR(
        std::visit([&](const auto& change) { return check.Visit(change); }, write.change));
  }
  return check.Finish();
}

absl::Status CheckLimits(const DeleteMatchingRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  return FilterCheck(limits).Visit(request.filter, 1);
}

absl::Status CheckSettings(const std::vector<std::pair<std::string, std::string>>& settings,
                           const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckCount("settings", settings.size(), limits.settings));
  for (const auto& [name, value] : settings) {
    RETURN_IF_ERROR(CheckName("settings", name, limits.name_bytes));
    RETURN_IF_ERROR(
        CheckLength(absl::StrFormat("setting %s", name), value.size(), limits.value_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const CreateRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckLength("encoder", request.encoder.size(), limits.value_bytes));
  RETURN_IF_ERROR(CheckCount("fields", request.fields.size(), limits.fields));
  for (const auto& [name, type] : request.fields) {
    RETURN_IF_ERROR(CheckName("fields", name, limits.name_bytes));
  }
  return CheckSettings(request.settings, limits);
}

absl::Status CheckLimits(const AttachRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("collection", request.collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckCount("directories", request.directories.size(), limits.directories));
  for (const std::string& directory : request.directories) {
    RETURN_IF_ERROR(CheckName("directories", directory, limits.value_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const RebuildRequest& request, const RequestLimits& limits) {
  RETURN_IF_ERROR(CheckName("alias", request.alias, limits.name_bytes));
  RETURN_IF_ERROR(CheckName("new_collection", request.new_collection, limits.name_bytes));
  RETURN_IF_ERROR(CheckLength("encoder", request.encoder.size(), limits.value_bytes));
  return CheckSettings(request.settings, limits);
}

}  // namespace foraker::retrieval
