#include "retrieval/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using Json = nlohmann::json;

constexpr uint32_t kMinEncoderTokens = 3;  // [CLS], [SEP] and one between them

template <typename Choice, size_t n>
const char* NameOf(const std::pair<const char*, Choice> (&names)[n], Choice choice) {
  const auto named = std::find_if(std::begin(names), std::end(names),
                                  [&](const auto& name) { return name.second == choice; });
  return named->first;
}

// Takes members out of an object, so that what is left over is unknown.
class Reader {
 public:
  Reader(Json object, std::string where) : object_(std::move(object)), where_(std::move(where)) {}

  template <typename T>
  void Take(const char* key, T& out) {
    const auto found = object_.find(key);
    if (found == object_.end()) return;
    if (!Convert(*found, out)) {
      Fail(key, absl::StrFormat("expected %s, got %s", Expected<T>(), found->dump()));
    }
    object_.erase(found);
  }

  // A choice by its name.
  template <typename Choice, size_t n>
  void Take(const char* key, const std::pair<const char*, Choice> (&names)[n], Choice& out) {
    std::string given = NameOf(names, out);
    Take(key, given);
    const auto named = std::find_if(std::begin(names), std::end(names),
                                    [&](const auto& name) { return given == name.first; });
    if (named != std::end(names)) {
      out = named->second;
      return;
    }
    const std::string expected = absl::StrJoin(
        names, ", ",
        [](std::string* text, const auto& name) { absl::StrAppend(text, "\"", name.first, "\""); });
    Fail(key, absl::StrFormat("expected one of %s, got \"%s\"", expected, given));
  }

  void Check(bool holds, const char* key, std::string_view expected) {
    if (!holds) Fail(key, absl::StrFormat("expected %s", expected));
  }

  absl::Status Finish() const {
    if (!status_.ok() || object_.empty()) return status_;
    return absl::InvalidArgumentError(
        absl::StrFormat("unknown setting %s%s", where_, object_.begin().key()));
  }

 private:
  template <typename T>
  static constexpr std::string_view Expected() {
    if constexpr (std::is_same_v<T, bool>) return "true or false";
    if constexpr (std::is_same_v<T, std::string>) return "a string";
    if constexpr (std::is_same_v<T, uint32_t>) return "an integer from 0 to 4294967295";
    if constexpr (std::is_same_v<T, uint64_t>) return "an integer from 0";
    return "a number";
  }

  static bool Convert(const Json& value, bool& out) {
    if (!value.is_boolean()) return false;
    out = value.get<bool>();
    return true;
  }
  static bool Convert(const Json& value, std::string& out) {
    if (!value.is_string()) return false;
    out = value.get<std::string>();
    return true;
  }
  static bool Convert(const Json& value, uint32_t& out) {
    if (!value.is_number_unsigned() || value.get<uint64_t>() > UINT32_MAX) return false;
    out = value.get<uint32_t>();
    return true;
  }
  static bool Convert(const Json& value, uint64_t& out) {
    if (!value.is_number_unsigned()) return false;
    out = value.get<uint64_t>();
    return true;
  }
  static bool Convert(const Json& value, float& out) {
    if (!value.is_number()) return false;
    out = value.get<float>();
    return std::isfinite(out);
  }

  void Fail(const char* key, std::string_view message) {
    if (status_.ok()) {
      status_ =
          absl::InvalidArgumentError(absl::StrFormat("setting %s%s: %s", where_, key, message));
    }
  }

  Json object_;
  std::string where_;  // "document."
  absl::Status status_;
};

absl::StatusOr<DocumentSide> DocumentSideFrom(Json json) {
  DocumentSide side;
  Reader reader(std::move(json), "document.");
  reader.Take("encoder", side.encoder);
  reader.Take("encoder_fingerprint", side.encoder_fingerprint);
  reader.Take("encoder_idf", side.encoder_idf);
  reader.Take("precision", kPrecisionNames, side.precision);
  reader.Take("max_encoder_tokens", side.max_encoder_tokens);
  reader.Take("learned_share", side.learned_share);
  reader.Take("stems", side.stems);
  reader.Take("language", side.language);
  reader.Take("stemmer", side.stemmer);
  reader.Take("stop_words", side.stop_words);
  reader.Take("passage_tokens", side.passage_tokens);
  reader.Take("k1", side.k1);
  reader.Take("b", side.b);
  reader.Take("reference_length", side.reference_length);
  reader.Take("titles", side.titles);
  reader.Take("positions", side.positions);
  reader.Take("fingerprint", side.fingerprint);
  reader.Check(!side.encoder.empty(), "encoder", "\"bm25\", \"vectors\" or a model's directory");
  reader.Check(side.max_encoder_tokens >= kMinEncoderTokens, "max_encoder_tokens",
               "an integer from 3");
  reader.Check(side.learned_share > 0 && side.learned_share <= 1, "learned_share",
               "a number above 0, up to 1");
  reader.Check(side.stems || side.encoder != "bm25", "stems", "true with the encoder bm25");
  reader.Check(side.k1 >= 0 && side.k1 <= 100, "k1", "a number from 0 to 100");
  reader.Check(side.b >= 0 && side.b <= 1, "b", "a number from 0 to 1");
  reader.Check(side.reference_length >= 0, "reference_length", "a number from 0");
  RETURN_IF_ERROR(reader.Finish());
  return side;
}

absl::StatusOr<QuerySide> QuerySideFrom(Json json) {
  QuerySide side;
  Reader reader(std::move(json), "query.");
  reader.Take("idf", kIdfModeNames, side.idf);
  reader.Take("idf_source", kIdfSourceNames, side.idf_source);
  reader.Take("query_encoding", kQueryEncodingNames, side.query_encoding);
  reader.Take("prior_strength", side.prior_strength);
  reader.Take("stem_weight", side.stem_weight);
  reader.Take("title_weight", side.title_weight);
  reader.Check(side.prior_strength >= 0, "prior_strength", "a number from 0");
  reader.Check(side.stem_weight >= 0, "stem_weight", "a number from 0");
  reader.Check(side.title_weight >= 0, "title_weight", "a number from 0");
  RETURN_IF_ERROR(reader.Finish());
  return side;
}

absl::StatusOr<WriteSide> WriteSideFrom(Json json) {
  WriteSide side;
  Reader reader(std::move(json), "writes.");
  reader.Take("sync", side.sync);
  RETURN_IF_ERROR(reader.Finish());
  return side;
}

absl::StatusOr<Origin> OriginFrom(Json json) {
  Origin origin;
  Reader reader(std::move(json), "origin.");
  reader.Take("collection", origin.collection);
  reader.Take("sequence", origin.sequence);
  RETURN_IF_ERROR(reader.Finish());
  return origin;
}

absl::Status FieldsFrom(const Json& json, std::map<std::string, index::FieldType>& fields) {
  for (const auto& [name, type] : json.items()) {
    const absl::StatusOr<index::FieldType> known =
        FieldTypeOf(type.is_string() ? type.get<std::string>() : type.dump());
    if (!known.ok()) {
      return base::Annotate(known.status(), absl::StrFormat("setting fields.%s", name));
    }
    fields[name] = *known;
  }
  return absl::OkStatus();
}

absl::Status ReadSide(std::string_view name, Json json, CollectionSettings& settings) {
  if (name == "document") {
    ASSIGN_OR_RETURN(settings.document, DocumentSideFrom(std::move(json)));
  } else if (name == "query") {
    ASSIGN_OR_RETURN(settings.query, QuerySideFrom(std::move(json)));
  } else if (name == "writes") {
    ASSIGN_OR_RETURN(settings.writes, WriteSideFrom(std::move(json)));
  } else if (name == "fields") {
    return FieldsFrom(json, settings.fields);
  } else if (name == "origin") {
    ASSIGN_OR_RETURN(settings.origin, OriginFrom(std::move(json)));
  } else {
    return absl::InvalidArgumentError(absl::StrFormat(
        "settings of a collection: expected document, query, writes, fields and origin, got %s",
        name));
  }
  return absl::OkStatus();
}

// The double of the shortest decimal that reads back as `value`: 0.9f is written "0.9", not
// "0.8999999761581421". (A decimal that is read as a double first could come back as a neighbour.)
double Shortest(float value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  double shortest = 0;
  std::from_chars(text, end.ptr, shortest);
  return static_cast<float>(shortest) == value ? shortest : static_cast<double>(value);
}

}  // namespace

bool IsNeural(const DocumentSide& settings) {
  return settings.encoder != "bm25" && settings.encoder != "vectors";
}

absl::StatusOr<index::FieldType> FieldTypeOf(std::string_view name) {
  constexpr index::FieldType kTypes[] = {index::FieldType::kKeyword, index::FieldType::kInteger,
                                         index::FieldType::kReal, index::FieldType::kBoolean,
                                         index::FieldType::kTimestamp};
  for (const index::FieldType type : kTypes) {
    if (index::FieldTypeName(type) == name) return type;
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("expected keyword, integer, real, boolean or timestamp, got \"%s\"", name));
}

CollectionSettings DefaultSettings(std::string_view encoder) {
  CollectionSettings settings;
  settings.document.encoder = encoder;
  if (encoder == "vectors") {
    settings.document.language = "none";
    settings.document.stemmer = "";
    settings.document.stop_words = false;
    settings.document.titles = false;
    settings.document.positions = false;
  }
  return settings;
}

std::string CollectionSettings::ToJson() const {
  Json json = {
      {"document",
       {{"encoder", document.encoder},
        {"encoder_fingerprint", document.encoder_fingerprint},
        {"encoder_idf", document.encoder_idf},
        {"precision", NameOf(kPrecisionNames, document.precision)},
        {"max_encoder_tokens", document.max_encoder_tokens},
        {"learned_share", Shortest(document.learned_share)},
        {"stems", document.stems},
        {"language", document.language},
        {"stemmer", document.stemmer},
        {"stop_words", document.stop_words},
        {"passage_tokens", document.passage_tokens},
        {"k1", Shortest(document.k1)},
        {"b", Shortest(document.b)},
        {"reference_length", Shortest(document.reference_length)},
        {"titles", document.titles},
        {"positions", document.positions},
        {"fingerprint", document.fingerprint}}},
      {"query",
       {{"idf", NameOf(kIdfModeNames, query.idf)},
        {"idf_source", NameOf(kIdfSourceNames, query.idf_source)},
        {"query_encoding", NameOf(kQueryEncodingNames, query.query_encoding)},
        {"prior_strength", Shortest(query.prior_strength)},
        {"stem_weight", Shortest(query.stem_weight)},
        {"title_weight", Shortest(query.title_weight)}}},
  };
  if (!(writes == WriteSide())) json["writes"] = {{"sync", writes.sync}};
  for (const auto& [name, type] : fields) json["fields"][name] = index::FieldTypeName(type);
  if (origin.has_value()) {
    json["origin"] = {{"collection", origin->collection}, {"sequence", origin->sequence}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<CollectionSettings> CollectionSettings::FromJson(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("settings of a collection: expected a JSON object");
  }
  CollectionSettings settings;
  for (auto& [key, value] : json.items()) {
    if (!value.is_object()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("settings of a collection: expected an object in %s", key));
    }
    RETURN_IF_ERROR(ReadSide(key, std::move(value), settings));
  }
  return settings;
}

}  // namespace foraker::retrieval
