// "normalizer" and "pre_tokenizer" of tokenizer.json, each alone or a Sequence.

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/decoder_definition.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

absl::StatusOr<std::string> TypeOf(const JsonObject& part) {
  std::string type;
  RETURN_IF_ERROR(part.Require("type", type));
  return type;
}

// The one literal string of a "pattern"; nothing when it is a regular expression.
absl::StatusOr<std::optional<std::string>> LiteralOf(const JsonObject& part) {
  JsonObject pattern = part;
  RETURN_IF_ERROR(part.Require("pattern", pattern));
  std::string literal;
  RETURN_IF_ERROR(pattern.Get("String", literal));
  if (literal.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(literal));
}

absl::Status AddNormalizer(const JsonObject& part, std::string_view type,
                           DecoderDefinition& definition) {
  if (type == "NFC") {
    definition.normalizer.emplace_back(NfcStep{});
    return absl::OkStatus();
  }
  if (type == "Prepend") {
    PrependStep step;
    RETURN_IF_ERROR(part.Require("prepend", step.text));
    definition.normalizer.emplace_back(std::move(step));
    return absl::OkStatus();
  }
  if (type == "Replace") {
    ASSIGN_OR_RETURN(std::optional<std::string> from, LiteralOf(part));
    if (!from.has_value()) return part.Unexpected("pattern", "a String that is not empty");
    ReplaceStep step{*std::move(from), ""};
    RETURN_IF_ERROR(part.Require("content", step.to));
    definition.normalizer.emplace_back(std::move(step));
    return absl::OkStatus();
  }
  return part.Unexpected("type", "NFC, Prepend, Replace or a Sequence of these");
}

std::string Quoted(std::string_view literal) {
  std::string pattern;
  for (const char c : literal) {
    if (c > 0 && !std::isalnum(static_cast<unsigned char>(c))) pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern;
}

absl::Status AddSplit(const JsonObject& part, std::string_view key, std::string_view pattern,
                      DecoderDefinition& definition) {
  auto splitter = MakePatternSplitter(pattern);
  if (!splitter.ok()) return part.Unexpected(key, base::ToStd(splitter.status().message()));
  definition.pre_tokenizer.emplace_back(std::shared_ptr<const PieceSplitter>(*std::move(splitter)));
  return absl::OkStatus();
}

absl::Status AddPatternSplit(const JsonObject& part, DecoderDefinition& definition) {
  std::string behavior;
  RETURN_IF_ERROR(part.Require("behavior", behavior));
  if (behavior != "Isolated") return part.Unexpected("behavior", "Isolated");
  ASSIGN_OR_RETURN(const std::optional<std::string> literal, LiteralOf(part));
  if (literal.has_value()) return AddSplit(part, "pattern", Quoted(*literal), definition);
  JsonObject pattern = part;
  RETURN_IF_ERROR(part.Require("pattern", pattern));
  std::string regex;
  RETURN_IF_ERROR(pattern.Require("Regex", regex));
  return AddSplit(part, "pattern", regex, definition);
}

absl::Status AddByteLevel(const JsonObject& part, DecoderDefinition& definition) {
  bool prefix_space = true;
  bool use_regex = true;  // files before it was a choice
  RETURN_IF_ERROR(part.Require("add_prefix_space", prefix_space));
  RETURN_IF_ERROR(part.Get("use_regex", use_regex));
  if (prefix_space) definition.pre_tokenizer.emplace_back(PrefixStep{" "});
  definition.byte_level = true;
  return use_regex ? AddSplit(part, "use_regex", kGpt2Pattern, definition) : absl::OkStatus();
}

absl::Status AddMetaspace(const JsonObject& part, DecoderDefinition& definition) {
  std::string mark;
  std::string scheme = "always";
  bool prefix_space = true;
  bool split = true;
  RETURN_IF_ERROR(part.Require("replacement", mark));
  RETURN_IF_ERROR(part.Get("prepend_scheme", scheme));
  RETURN_IF_ERROR(part.Get("add_prefix_space", prefix_space));
  RETURN_IF_ERROR(part.Get("split", split));
  if (size_t end = 0; mark.empty() || (NextCharacter(mark, end), end != mark.size())) {
    return part.Unexpected("replacement", "a character");
  }
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    return part.Unexpected("prepend_scheme", "always, first or never");
  }
  if (!prefix_space && scheme != "never") {
    return part.Unexpected("prepend_scheme", "never, as add_prefix_space is false");
  }
  definition.pre_tokenizer.emplace_back(ReplaceStep{" ", mark});
  if (scheme != "never") {
    definition.pre_tokenizer.emplace_back(PrefixStep{mark, scheme == "first"});
  }
  if (split) {
    definition.pre_tokenizer.emplace_back(
        std::shared_ptr<const PieceSplitter>(MakeMarkSplitter(mark, /*after_other=*/false)));
  }
  return absl::OkStatus();
}

absl::Status AddPreTokenizer(const JsonObject& part, std::string_view type,
                             DecoderDefinition& definition) {
  if (definition.byte_level) return part.Unexpected("type", "nothing after ByteLevel");
  if (type == "ByteLevel") return AddByteLevel(part, definition);
  if (type == "Metaspace") return AddMetaspace(part, definition);
  if (type == "Split") return AddPatternSplit(part, definition);
  if (type == "Digits") {
    bool each = false;
    RETURN_IF_ERROR(part.Get("individual_digits", each));
    return AddSplit(part, "type", each ? R"(\p{N})" : R"(\p{N}+)", definition);
  }
  return part.Unexpected("type", "ByteLevel, Metaspace, Split, Digits or a Sequence of these");
}

using AddStep = absl::Status (*)(const JsonObject&, std::string_view, DecoderDefinition&);

// The step of `key`, or those of its Sequence, whose members stand under `members`.
absl::Status AddSteps(const JsonObject& tokenizer, std::string_view key, std::string_view members,
                      AddStep add, DecoderDefinition& definition) {
  if (!tokenizer.Has(key)) return absl::OkStatus();
  JsonObject whole = tokenizer;
  RETURN_IF_ERROR(tokenizer.Get(key, whole));
  std::vector<JsonObject> parts = {whole};
  ASSIGN_OR_RETURN(const std::string whole_type, TypeOf(whole));
  if (whole_type == "Sequence") RETURN_IF_ERROR(whole.Require(members, parts));
  for (const JsonObject& part : parts) {
    ASSIGN_OR_RETURN(const std::string type, TypeOf(part));
    RETURN_IF_ERROR(add(part, type, definition));
  }
  return absl::OkStatus();
}

// What a file may ask for, so that no text grows without measure: a step is a call deep, and those
// that lengthen a text multiply.
constexpr size_t kMostSteps = 16;
constexpr ptrdiff_t kMostLengthening = 2;
constexpr size_t kMostInsertedBytes = 64;

bool Lengthens(const NormalizerStep& step) {
  const auto* replace = std::get_if<ReplaceStep>(&step);
  return replace != nullptr && replace->to.size() > replace->from.size();
}

bool InsertsMuch(const NormalizerStep& step) {
  const auto* prepend = std::get_if<PrependStep>(&step);
  const auto* replace = std::get_if<ReplaceStep>(&step);
  return (prepend != nullptr && prepend->text.size() > kMostInsertedBytes) ||
         (replace != nullptr && replace->to.size() > kMostInsertedBytes);
}

absl::Status CheckGrowth(const JsonObject& tokenizer, const DecoderDefinition& definition) {
  const auto& normalizer = definition.normalizer;
  const auto& pieces = definition.pre_tokenizer;
  if (normalizer.size() > kMostSteps ||
      std::count_if(normalizer.begin(), normalizer.end(), Lengthens) > kMostLengthening ||
      std::any_of(normalizer.begin(), normalizer.end(), InsertsMuch)) {
    return tokenizer.Unexpected(
        "normalizer",
        absl::StrFormat("at most %d steps, of which %d lengthen a text, by at most %d bytes",
                        kMostSteps, kMostLengthening, kMostInsertedBytes));
  }
  const auto prefixes = [](const PieceStep& step) {
    return std::holds_alternative<PrefixStep>(step);
  };
  if (pieces.size() > kMostSteps ||
      std::count_if(pieces.begin(), pieces.end(), prefixes) > kMostLengthening) {
    return tokenizer.Unexpected(
        "pre_tokenizer",
        absl::StrFormat("at most %d steps, of which %d put something before pieces", kMostSteps,
                        kMostLengthening));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseTextSteps(const JsonObject& tokenizer, DecoderDefinition& definition) {
  RETURN_IF_ERROR(AddSteps(tokenizer, "normalizer", "normalizers", AddNormalizer, definition));
  RETURN_IF_ERROR(
      AddSteps(tokenizer, "pre_tokenizer", "pretokenizers", AddPreTokenizer, definition));
  return CheckGrowth(tokenizer, definition);
}

}  // namespace foraker::model
