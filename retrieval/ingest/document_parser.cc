#include "retrieval/ingest/document_parser.h"

#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/status.h"
#include "retrieval/field_values.h"
#include "retrieval/imported_vector.h"
#include "retrieval/ingest/line_reader.h"

namespace foraker::retrieval {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t kMaxIdBytes = 512;
constexpr size_t kKeptParserBytes = size_t{1} << 20;

static_assert(LineBatch::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

std::string_view KindOf(const element& value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

absl::Status Expected(std::string_view what, std::string_view key, std::string_view got) {
  return absl::InvalidArgumentError(
      absl::StrFormat("expected %s in %s, got %s", what, Quoted(key), got));
}

absl::StatusOr<std::string> GetId(std::string_view key, const element& value) {
  std::string id;
  if (value.is_string()) {
    id = value.get_string().value_unsafe();
  } else if (value.is_int64()) {
    id = absl::StrFormat("%d", value.get_int64().value_unsafe());
  } else {
    return Expected("a string", key, KindOf(value));
  }
  if (id.empty() || id.size() > kMaxIdBytes) {
    return Expected("1 to 512 bytes", key, absl::StrFormat("%d", id.size()));
  }
  return id;
}

absl::Status GetText(std::string_view key, const element& value, std::string& out) {
  if (value.is_null()) return absl::OkStatus();
  if (!value.is_string()) return Expected("a string", key, KindOf(value));
  out = value.get_string().value_unsafe();
  return absl::OkStatus();
}

absl::Status AddScalar(std::string_view name, const element& value,
                       std::vector<index::FieldValue>& out) {
  switch (value.type()) {
    case element_type::STRING:
      out.emplace_back(std::string(value.get_string().value_unsafe()));
      return absl::OkStatus();
    case element_type::INT64:
      out.emplace_back(value.get_int64().value_unsafe());
      return absl::OkStatus();
    case element_type::DOUBLE:
      out.emplace_back(value.get_double().value_unsafe());
      return absl::OkStatus();
    case element_type::BOOL:
      out.emplace_back(value.get_bool().value_unsafe());
      return absl::OkStatus();
    case element_type::NULL_VALUE:
      return absl::OkStatus();
    case element_type::UINT64:
      return Expected("an integer of 64 bits with sign", name, "a larger one");
    default:
      return Expected("a string, number, boolean or an array of one of them", name, KindOf(value));
  }
}

// [1, 2.5] is a list of reals: an integer beside reals is one that lost its ".0".
void WidenMixedNumbers(std::vector<index::FieldValue>& values) {
  const auto is_real = [](const index::FieldValue& value) {
    return std::holds_alternative<double>(value);
  };
  if (std::none_of(values.begin(), values.end(), is_real)) return;
  for (index::FieldValue& value : values) {
    if (const auto* integer = std::get_if<int64_t>(&value)) value = static_cast<double>(*integer);
  }
}

}  // namespace

class DocumentParser::Impl {
 public:
  Impl(InputKind kind, bool drop_small_weights)
      : kind_(kind), drop_small_weights_(drop_small_weights) {}

  absl::StatusOr<index::Document> Parse(std::string_view line, const NameTerm& name_term);
  uint64_t dropped_terms() const { return dropped_terms_; }

 private:
  absl::Status AddMember(std::string_view key, const element& value, index::Document& document);
  absl::Status AddField(std::string_view name, const element& value, index::Document& document);
  absl::Status AddMetadata(const simdjson::dom::object& metadata, index::Document& document);
  absl::Status ReadVector(const element& value);
  absl::Status AddTerm(std::string_view token, const element& value);
  absl::Status ReadPositions(const element& value);
  absl::Status MakePassage(index::Document& document, const NameTerm& name_term);

  const InputKind kind_;
  const bool drop_small_weights_;
  simdjson::dom::parser parser_;
  std::vector<ImportedTerm> terms_;
  absl::flat_hash_map<std::string_view, index::Position> positions_;  // of tokens
  bool has_vector_ = false;
  uint64_t dropped_terms_ = 0;
};

absl::StatusOr<index::Document> DocumentParser::Impl::Parse(std::string_view line,
                                                            const NameTerm& name_term) {
  terms_.clear();
  positions_.clear();
  has_vector_ = false;
  dropped_terms_ = 0;
  if (parser_.capacity() > kKeptParserBytes) parser_ = simdjson::dom::parser();
  element root;
  if (const auto error =
          parser_.parse(line.data(), line.size(), /*realloc_if_needed=*/false).get(root)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("expected a JSON object: %s", simdjson::error_message(error)));
  }
  simdjson::dom::object members;
  if (root.get_object().get(members) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrFormat("expected a JSON object, got %s", KindOf(root)));
  }
  index::Document document;
  for (const auto [key, value] : members) {
    RETURN_IF_ERROR(AddMember(key, value, document));
  }
  if (document.id.empty()) return absl::InvalidArgumentError("expected a member \"_id\"");
  if (kind_ == InputKind::kVectors) RETURN_IF_ERROR(MakePassage(document, name_term));
  return document;
}

absl::Status DocumentParser::Impl::AddMember(std::string_view key, const element& value,
                                             index::Document& document) {
  const bool vectors = kind_ == InputKind::kVectors;
  if (key == "_id" || (vectors && key == "id")) {
    if (!document.id.empty()) return absl::InvalidArgumentError("the document has two ids");
    ASSIGN_OR_RETURN(document.id, GetId(key, value));
    return absl::OkStatus();
  }
  if (key == "title") return GetText(key, value, document.title);
  if (key == "text") return GetText(key, value, document.text);
  if (vectors && key == "vector") return ReadVector(value);
  if (vectors && key == "positions" && value.is_object()) return ReadPositions(value);
  simdjson::dom::object metadata;
  if (key == "metadata" && value.get_object().get(metadata) == simdjson::SUCCESS) {
    return AddMetadata(metadata, document);
  }
  return AddField(key, value, document);
}

absl::Status DocumentParser::Impl::AddMetadata(const simdjson::dom::object& metadata,
                                               index::Document& document) {
  for (const auto [name, member] : metadata) {
    RETURN_IF_ERROR(AddField(name, member, document));
  }
  return absl::OkStatus();
}

absl::Status DocumentParser::Impl::AddField(std::string_view name, const element& value,
                                            index::Document& document) {
  if (name.empty() || name.size() > kMaxFieldNameBytes) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "expected field names of 1 to %d bytes, got %d", kMaxFieldNameBytes, name.size()));
  }
  index::Field field;
  field.name = name;
  simdjson::dom::array items;
  if (value.get_array().get(items) == simdjson::SUCCESS) {
    for (const element item : items) {
      RETURN_IF_ERROR(AddScalar(name, item, field.values));
    }
    WidenMixedNumbers(field.values);
  } else {
    RETURN_IF_ERROR(AddScalar(name, value, field.values));
  }
  if (field.values.empty()) return absl::OkStatus();
  for (const index::Field& other : document.fields) {
    if (other.name == name) {
      return absl::InvalidArgumentError(absl::StrFormat("field %s occurs twice", Quoted(name)));
    }
  }
  document.fields.push_back(std::move(field));
  return absl::OkStatus();
}

absl::Status DocumentParser::Impl::ReadVector(const element& value) {
  simdjson::dom::object terms;
  if (value.get_object().get(terms) != simdjson::SUCCESS) {
    return Expected("an object of tokens and weights", "vector", KindOf(value));
  }
  if (std::exchange(has_vector_, true)) {
    return absl::InvalidArgumentError("the document has two vectors");
  }
  for (const auto [token, weight] : terms) {
    RETURN_IF_ERROR(AddTerm(token, weight));
  }
  return absl::OkStatus();
}

absl::Status DocumentParser::Impl::AddTerm(std::string_view token, const element& value) {
  double weight = 0;
  if (!value.is_number() || value.get_double().get(weight) != simdjson::SUCCESS) {
    return Expected("a number", token, KindOf(value));
  }
  const float rounded = base::Float16ToFloat(base::FloatToFloat16(static_cast<float>(weight)));
  if (drop_small_weights_ && weight >= 0 && rounded < base::kMinWeight) {
    ++dropped_terms_;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(terms_.emplace_back(), MakeImportedTerm(token, weight));
  return absl::OkStatus();
}

// "title", or the place of a word in the text: [begin, end) in bytes.
absl::StatusOr<index::Position> PositionFrom(std::string_view token, const element& value) {
  std::string_view title;
  if (value.get_string().get(title) == simdjson::SUCCESS && title == "title") {
    return index::kTitlePosition;
  }
  simdjson::dom::array range;
  uint64_t begin = 0, end = 0;
  if (value.get_array().get(range) != simdjson::SUCCESS || range.size() != 2 ||
      range.at(0).get_uint64().get(begin) != simdjson::SUCCESS ||
      range.at(1).get_uint64().get(end) != simdjson::SUCCESS || begin >= end) {
    return Expected("\"title\" or [begin, end]", token, KindOf(value));
  }
  return begin < index::kTitlePosition ? static_cast<index::Position>(begin) : index::kNoPosition;
}

absl::Status DocumentParser::Impl::ReadPositions(const element& value) {
  for (const auto [token, position] : simdjson::dom::object(value)) {
    ASSIGN_OR_RETURN(positions_[token], PositionFrom(token, position));
  }
  return absl::OkStatus();
}

absl::Status DocumentParser::Impl::MakePassage(index::Document& document,
                                               const NameTerm& name_term) {
  if (!has_vector_) return absl::InvalidArgumentError("expected a member \"vector\"");
  for (ImportedTerm& term : terms_) {
    const auto known = positions_.find(term.token);
    if (known != positions_.end()) term.position = known->second;
  }
  return AddImportedPassage(terms_, /*with_positions=*/!positions_.empty(), name_term, document);
}

DocumentParser::DocumentParser(InputKind kind, bool drop_small_weights)
    : impl_(std::make_unique<Impl>(kind, drop_small_weights)) {}
DocumentParser::~DocumentParser() = default;

absl::StatusOr<index::Document> DocumentParser::Parse(std::string_view line,
                                                      const NameTerm& name_term) {
  return impl_->Parse(line, name_term);
}

uint64_t DocumentParser::dropped_terms() const { return impl_->dropped_terms(); }

}  // namespace foraker::retrieval
