#include "services/cli/settings_options.h"

#include <CLI/CLI.hpp>

namespace foraker::cli {
namespace {

template <typename T>
void Set(const std::optional<T>& given, T& setting) {
  if (given) setting = *given;
}

constexpr const char* kDocumentSide = "Document side (fixed when the collection is created)";
constexpr const char* kQuerySide = "Query side (may change with every build)";

// A flag that stays unset when it is not given. (Bound to an optional directly, CLI11 would count
// into it, from zero on.)
void AddSwitch(CLI::App& command, const char* names, std::optional<bool>& value,
               const char* description) {
  command
      .add_flag_function(
          names, [&value](int64_t count) { value = count > 0; }, description)
      ->group(kDocumentSide);
}

}  // namespace

void SettingsOptions::AddTo(CLI::App& command) {
  command.add_option("-e,--encoder", encoder_, "Encoder [bm25]")
      ->check(CLI::IsMember({"bm25"}))
      ->group(kDocumentSide);
  command.add_option("--language", language_, "Snowball language, or none [english]")
      ->group(kDocumentSide);
  command.add_option("--stemmer", stemmer_, "Snowball algorithm [porter, or the language's own]")
      ->group(kDocumentSide);
  AddSwitch(command, "--stop-words,!--no-stop-words", stop_words_, "Leave stop words out [yes]");
  command.add_option("--passage-tokens", passage_tokens_, "Longest passage; 0: uncut [256]")
      ->group(kDocumentSide);
  command.add_option("--k1", k1_, "BM25: saturation [1.2]")->group(kDocumentSide);
  command.add_option("--b", b_, "BM25: weight of the length [0.6]")->group(kDocumentSide);
  command
      .add_option("--reference-length", reference_length_,
                  "BM25: stems of an average passage [measured on the input]")
      ->group(kDocumentSide);
  AddSwitch(command, "--titles,!--no-titles", titles_, "Index whole titles as terms [yes]");
  AddSwitch(command, "--positions,!--no-positions", positions_, "Store word positions [yes]");
  command.add_option("--idf", idf_, "auto: publish with each build; manual: keep the table [auto]")
      ->check(CLI::IsMember({"auto", "manual"}))
      ->group(kQuerySide);
  command.add_option("--prior-strength", prior_strength_, "Passages the shipped idf weighs [100]")
      ->group(kQuerySide);
  command.add_option("--stem-weight", stem_weight_, "Factor on the stems' idf [1]")
      ->group(kQuerySide);
  command.add_option("--title-weight", title_weight_, "Weight of titles in a query [0]")
      ->group(kQuerySide);
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
