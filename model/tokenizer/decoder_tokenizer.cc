#include "model/tokenizer/decoder_tokenizer.h"

#include <optional>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "model/tokenizer/decoder_definition.h"

namespace foraker::model {
namespace {

constexpr std::string_view kTokenizerFile = "tokenizer.json";
constexpr std::string_view kSentencePieceFile = "tokenizer.model";
constexpr std::string_view kConfigFile = "tokenizer_config.json";

}  // namespace

absl::StatusOr<std::shared_ptr<const DecoderTokenizer>> DecoderTokenizer::Open(
    const std::string& directory) {
  const auto path_of = [&](std::string_view file) {
    return absl::StrFormat("%s/%s", directory, file);
  };
  const bool whole = base::FileExists(path_of(kTokenizerFile));
  if (!whole && !base::FileExists(path_of(kSentencePieceFile))) {
    return absl::NotFoundError(absl::StrFormat("no tokenizer in %s: expected %s or %s", directory,
                                               kTokenizerFile, kSentencePieceFile));
  }
  std::optional<JsonObject> config;
  if (base::FileExists(path_of(kConfigFile))) {
    ASSIGN_OR_RETURN(config, JsonObject::Read(path_of(kConfigFile)));
  }
  const std::string path = path_of(whole ? kTokenizerFile : kSentencePieceFile);
  ASSIGN_OR_RETURN(const std::string contents, base::ReadFile(path));
  const JsonObject* const stated = config.has_value() ? &*config : nullptr;
  ASSIGN_OR_RETURN(DecoderDefinition definition, whole
                                                     ? ParseDecoderJson(contents, path, stated)
                                                     : ParseSentencePiece(contents, path, stated));
  return MakeDecoderTokenizer(std::move(definition));
}

}  // namespace foraker::model
