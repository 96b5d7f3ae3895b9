#include "services/cli/settings_options.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace foraker::cli {
namespace {

std::string AbsolutePath(const std::string& given) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(given, error);
  return error ? given : path.lexically_normal().string();
}

template <typename T>
void Set(const std::optional<T>& given, T& setting) {
  if (given) setting = *given;
}

std::string WithDefault(const char* description, const std::string& value) {
  return absl::StrCat(description, " [", value, "]");
}
std::string WithDefault(const char* description, bool value) {
  return WithDefault(description, std::string(value ? "yes" : "no"));
}
template <typename Number>
std::string WithDefault(const char* description, Number value) {
  return absl::StrCat(description, " [", value, "]");
}

template <typename Choice, size_t n>
std::vector<std::string> NamesOf(const std::pair<const char*, Choice> (&names)[n]) {
  std::vector<std::string> list;
  for (const auto& [name, choice] : names) list.emplace_back(name);
  return list;
}

// A choice by one of its names, which the parser has checked.
template <typename Choice, size_t n>
void SetChoice(const std::optional<std::string>& given,
               const std::pair<const char*, Choice> (&names)[n], Choice& setting) {
  for (const auto& [name, choice] : names) {
    if (given == name) setting = choice;
  }
}

// Collections keep where a model lies, whatever the working directory is next time.
void SetPath(const std::optional<std::string>& given, std::string& setting) {
  if (given) setting = AbsolutePath(*given);
}

constexpr const char* kDocumentSide = "Document side (fixed when the collection is created)";
constexpr const char* kNeural = "Neural encoders (document side too)";
constexpr const char* kQuerySide = "Query side (may change with every build)";

// A flag that stays unset when it is not given. (Bound to an optional directly, CLI11 would count
// into it, from zero on.)
void AddSwitch(CLI::App& command, const char* names, std::optional<bool>& value,
               const std::string& description, const char* group = kDocumentSide) {
  command
      .add_flag_function(
          names, [&value](int64_t count) { value = count > 0; }, description)
      ->group(group);
}

}  // namespace

std::string EncoderPath(const std::string& encoder) {
  const bool is_name = encoder.empty() || encoder == "bm25" || encoder == "vectors";
  return is_name ? encoder : AbsolutePath(encoder);
}

void SettingsOptions::AddTo(CLI::App& command) {
  AddDocumentSide(command);
  AddEncoderSide(command);
  AddQuerySide(command);
}

void SettingsOptions::AddDocumentSide(CLI::App& command) {
  const retrieval::DocumentSide defaults;
  const auto add = [&command](const char* name, auto& value, const std::string& description) {
    return command.add_option(name, value, description)->group(kDocumentSide);
  };
  add("-e,--encoder", encoder_,
      WithDefault("bm25, or the directory of a neural model", defaults.encoder))
      ->type_name("NAME|DIR");
  add("--language", language_, WithDefault("Snowball language, or none", defaults.language));
  add("--stemmer", stemmer_, WithDefault("Snowball algorithm", defaults.stemmer));
  AddSwitch(command, "--stop-words,!--no-stop-words", stop_words_,
            WithDefault("Leave stop words out", defaults.stop_words));
  add("--passage-tokens", passage_tokens_,
      WithDefault("Longest passage; none: documents are not cut", defaults.passage_tokens))
      ->transform([](std::string text) { return text == "none" ? std::string("0") : text; })
      ->type_name("N|none");
  add("--k1", k1_, WithDefault("BM25: saturation", defaults.k1));
  add("--b", b_, WithDefault("BM25: weight of the length", defaults.b));
  add("--reference-length", reference_length_,
      "BM25: stems of an average passage [measured on the input]");
  AddSwitch(command, "--titles,!--no-titles", titles_,
            WithDefault("Index whole titles as terms", defaults.titles));
  AddSwitch(command, "--positions,!--no-positions", positions_,
            WithDefault("Store word positions", defaults.positions));
}

void SettingsOptions::AddEncoderSide(CLI::App& command) {
  const retrieval::DocumentSide defaults;
  const auto add = [&command](const char* name, auto& value, const std::string& description) {
    return command.add_option(name, value, description)->group(kNeural);
  };
  add("--encoder-idf", encoder_idf_, "Idf table of the model's tokens [the model's own, if any]")
      ->type_name("FILE");
  add("--precision", precision_, "Arithmetic; auto: int8 where the processor supports it [auto]")
      ->check(CLI::IsMember(NamesOf(retrieval::kPrecisionNames)));
  add("--max-encoder-tokens", max_encoder_tokens_,
      WithDefault("Tokens of title and passage that the model reads", defaults.max_encoder_tokens));
  add("--learned-share", learned_share_,
      WithDefault("Keep a passage's largest learned weights, up to this share of their sum",
                  defaults.learned_share));
  AddSwitch(command, "--stems,!--no-stems", stems_,
            WithDefault("Stems beside the learned terms", defaults.stems), kNeural);
}

void SettingsOptions::AddQuerySide(CLI::App& command) {
  const retrieval::QuerySide defaults;
  const auto add = [&command](const char* name, auto& value, const std::string& description) {
    return command.add_option(name, value, description)->group(kQuerySide);
  };
  add("--idf", idf_, "auto: publish with each build; manual: keep the table [auto]")
      ->check(CLI::IsMember(NamesOf(retrieval::kIdfModeNames)));
  add("--idf-source", idf_source_, "Idf of learned tokens: collection, encoder, or both [blend]")
      ->check(CLI::IsMember(NamesOf(retrieval::kIdfSourceNames)));
  add("--query-encoding", query_encoding_,
      "Learned terms of queries: a look-up, or the model itself [table]")
      ->check(CLI::IsMember(NamesOf(retrieval::kQueryEncodingNames)));
  add("--prior-strength", prior_strength_,
      WithDefault("Passages that the shipped and the encoder's idf weigh",
                  defaults.prior_strength));
  add("--stem-weight", stem_weight_, WithDefault("Factor on the stems' idf", defaults.stem_weight));
  add("--title-weight", title_weight_,
      WithDefault("Weight of titles that a query mentions", defaults.title_weight));
}

void SettingsOptions::Apply(retrieval::CollectionSettings& settings) const {
  retrieval::DocumentSide& document = settings.document;
  if (encoder_) document.encoder = EncoderPath(*encoder_);
  SetPath(encoder_idf_, document.encoder_idf);
  SetChoice(precision_, retrieval::kPrecisionNames, document.precision);
  Set(max_encoder_tokens_, document.max_encoder_tokens);
  Set(learned_share_, document.learned_share);
  Set(stems_, document.stems);
  Set(language_, document.language);
  if (language_ && !stemmer_) {
    document.stemmer = *language_ == "none" ? "" : *language_ == "english" ? "porter" : *language_;
  }
  if (language_ && *language_ == "none") document.stop_words = false;
  Set(stemmer_, document.stemmer);
  Set(stop_words_, document.stop_words);
  Set(passage_tokens_, document.passage_tokens);
  Set(k1_, document.k1);
  Set(b_, document.b);
  Set(reference_length_, document.reference_length);
  Set(titles_, document.titles);
  Set(positions_, document.positions);
  SetChoice(idf_, retrieval::kIdfModeNames, settings.query.idf);
  SetChoice(idf_source_, retrieval::kIdfSourceNames, settings.query.idf_source);
  SetChoice(query_encoding_, retrieval::kQueryEncodingNames, settings.query.query_encoding);
  Set(prior_strength_, settings.query.prior_strength);
  Set(stem_weight_, settings.query.stem_weight);
  Set(title_weight_, settings.query.title_weight);
}

}  // namespace foraker::cli
