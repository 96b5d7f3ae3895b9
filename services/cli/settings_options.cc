#include "services/cli/settings_options.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace foraker::cli {
namespace {

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

constexpr const char* kDocumentSide = "Document side (fixed when the collection is created)";
constexpr const char* kQuerySide = "Query side (may change with every build)";

// A flag that stays unset when it is not given. (Bound to an optional directly, CLI11 would count
// into it, from zero on.)
void AddSwitch(CLI::App& command, const char* names, std::optional<bool>& value,
               const std::string& description) {
  command
      .add_flag_function(
          names, [&value](int64_t count) { value = count > 0; }, description)
      ->group(kDocumentSide);
}

}  // namespace

void SettingsOptions::AddTo(CLI::App& command) {
  AddDocumentSide(command);
  AddQuerySide(command);
}

void SettingsOptions::AddDocumentSide(CLI::App& command) {
  const retrieval::DocumentSide defaults;
  const auto add = [&command](const char* name, auto& value, const std::string& description) {
    return command.add_option(name, value, description)->group(kDocumentSide);
  };
  add("-e,--encoder", encoder_, WithDefault("Encoder", defaults.encoder))
      ->check(CLI::IsMember({"bm25"}));
  add("--language", language_, WithDefault("Snowball language, or none", defaults.language));
  add("--stemmer", stemmer_, WithDefault("Snowball algorithm", defaults.stemmer));
  AddSwitch(command, "--stop-words,!--no-stop-words", stop_words_,
            WithDefault("Leave stop words out", defaults.stop_words));
  add("--passage-tokens", passage_tokens_,
      WithDefault("Longest passage; 0: uncut", defaults.passage_tokens));
  add("--k1", k1_, WithDefault("BM25: saturation", defaults.k1));
  add("--b", b_, WithDefault("BM25: weight of the length", defaults.b));
  add("--reference-length", reference_length_,
      "BM25: stems of an average passage [measured on the input]");
  AddSwitch(command, "--titles,!--no-titles", titles_,
            WithDefault("Index whole titles as terms", defaults.titles));
  AddSwitch(command, "--positions,!--no-positions", positions_,
            WithDefault("Store word positions", defaults.positions));
}

void SettingsOptions::AddQuerySide(CLI::App& command) {
  const retrieval::QuerySide defaults;
  const auto add = [&command](const char* name, auto& value, const std::string& description) {
    return command.add_option(name, value, description)->group(kQuerySide);
  };
  add("--idf", idf_, "auto: publish with each build; manual: keep the table [auto]")
      ->check(CLI::IsMember({"auto", "manual"}));
  add("--prior-strength", prior_strength_,
      WithDefault("Passages that the shipped idf weighs", defaults.prior_strength));
  add("--stem-weight", stem_weight_, WithDefault("Factor on the stems' idf", defaults.stem_weight));
  add("--title-weight", title_weight_,
      WithDefault("Weight of titles that a query mentions", defaults.title_weight));
}

void SettingsOptions::Apply(retrieval::CollectionSettings& settings) const {
  retrieval::DocumentSide& document = settings.document;
  Set(encoder_, document.encoder);
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
  if (idf_)
    settings.query.idf = *idf_ == "auto" ? retrieval::IdfMode::kAuto : retrieval::IdfMode::kManual;
  Set(prior_strength_, settings.query.prior_strength);
  Set(stem_weight_, settings.query.stem_weight);
  Set(title_weight_, settings.query.title_weight);
}

}  // namespace foraker::cli
