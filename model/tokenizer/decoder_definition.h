// All that makes one tokenizer of a decoder, and how it is read from the files of a model.
//
// Two kinds of file: tokenizer.json of Hugging Face `tokenizers` with a BPE model, and
// SentencePiece's own (tokenizer.model), which becomes what `transformers` 4 makes of it. What a
// file asks for and would change the ids, but is not understood, is refused by name.
// Post-processor, decoder, "truncation" and "padding" are not looked at: nothing is added here, and
// nothing decoded.
//
// Errors: kNotFound, kInvalidArgument with the file, the key and what was expected.

#ifndef FORAKER_MODEL_TOKENIZER_DECODER_DEFINITION_H_
#define FORAKER_MODEL_TOKENIZER_DECODER_DEFINITION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "model/tokenizer/piece_splitter.h"
#include "model/tokenizer/text_normalizer.h"

namespace foraker::model {

// Before a piece that does not begin with it.
struct PrefixStep {
  std::string text;
  bool first_only = false;  // at the begin of the whole text alone
};
// How pre-tokenizers make pieces of a stretch: they are rewritten or cut, in this order.
using PieceStep = std::variant<ReplaceStep, PrefixStep, std::shared_ptr<const PieceSplitter>>;

struct RankedMerge {  // ids
  uint32_t left;
  uint32_t right;
  uint32_t rank;  // the lowest first
  uint32_t merged;
};

struct DecoderDefinition {
  std::vector<std::string> tokens;  // by id, distinct; empty where an id has none
  std::vector<AddedToken> added;    // those beyond the vocabulary proper are not in `tokens`
  std::vector<NormalizerStep> normalizer;
  std::vector<PieceStep> pre_tokenizer;
  bool byte_level = false;          // tokens are written in ByteLetters
  std::vector<RankedMerge> merges;  // of a pair that comes twice the last one counts
  bool ignore_merges = false;
  bool byte_fallback = false;
  std::optional<uint32_t> unknown;
  bool fuse_unknown = false;
};

std::shared_ptr<const DecoderTokenizer> MakeDecoderTokenizer(DecoderDefinition definition);

// Of a file's contents; errors call it `path`. `config` is tokenizer_config.json, where there is
// one.
absl::StatusOr<DecoderDefinition> ParseDecoderJson(std::string_view json, const std::string& path,
                                                   const JsonObject* config);
absl::StatusOr<DecoderDefinition> ParseSentencePiece(std::string_view model,
                                                     const std::string& path,
                                                     const JsonObject* config);

// "normalizer" and "pre_tokenizer" of tokenizer.json.
absl::Status ParseTextSteps(const JsonObject& tokenizer, DecoderDefinition& definition);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_DECODER_DEFINITION_H_
