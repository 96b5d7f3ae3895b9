// The options of `foraker index` that change a collection's settings. Only what was given on the
// command line changes: everything else stays as the collection (or the default) has it.

#ifndef FORAKER_SERVICES_CLI_SETTINGS_OPTIONS_H_
#define FORAKER_SERVICES_CLI_SETTINGS_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "retrieval/settings.h"

namespace CLI {
class App;
}

namespace foraker::cli {

// The name of a built-in encoder as it is; the directory of a model as an absolute path, which
// holds whatever the working directory is next time.
std::string EncoderPath(const std::string& encoder);

class SettingsOptions {
 public:
  void AddTo(CLI::App& command);
  void Apply(retrieval::CollectionSettings& settings) const;

 private:
  void AddDocumentSide(CLI::App& command);
  void AddEncoderSide(CLI::App& command);
  void AddQuerySide(CLI::App& command);

  // document side
  std::optional<std::string> encoder_, language_, stemmer_;
  std::optional<uint32_t> passage_tokens_;
  std::optional<float> k1_, b_, reference_length_;
  std::optional<bool> stop_words_, titles_, positions_;
  // neural encoders
  std::optional<std::string> encoder_idf_, precision_;
  std::optional<uint32_t> max_encoder_tokens_;
  std::optional<float> learned_share_;
  std::optional<bool> stems_;
  // query side
  std::optional<std::string> idf_, idf_source_, query_encoding_;
  std::optional<float> prior_strength_, stem_weight_, title_weight_;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_SETTINGS_OPTIONS_H_
