// Tokenizers of decoder-only language models: text to ids, as Hugging Face `tokenizers` makes them
// for the same directory, id for id.
//
//   tokenizer.json   byte-level BPE (GPT-2, Llama 3, Qwen) or SentencePiece's BPE (Llama 2,
//   Mistral) tokenizer.model  SentencePiece, where there is no tokenizer.json;
//   tokenizer_config.json says
//                    what stands before a text
//
// In both cases the added tokens of tokenizer_config.json come on top, as `transformers` has it.
// Nothing is added: no begin, no end. Special and other added tokens are found in the text as it
// stands, except inside a range that the caller calls plain: what a user wrote must not become a
// control token because it looks like one.
//
// Immutable and safe for concurrent use. Errors at Open only: kNotFound, kInvalidArgument name the
// file, the key, and what was expected; what would change ids and is not understood is refused by
// name. No error at tokenisation: a byte that is not UTF-8 counts as U+FFFD.

#ifndef FORAKER_MODEL_TOKENIZER_DECODER_TOKENIZER_H_
#define FORAKER_MODEL_TOKENIZER_DECODER_TOKENIZER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/tokenizer/text_range.h"

namespace foraker::model {

class DecoderTokenizer {
 public:
  static absl::StatusOr<std::shared_ptr<const DecoderTokenizer>> Open(const std::string& directory);
  virtual ~DecoderTokenizer() = default;

  // Appends the ids of `text`, which is one piece: what a tokenizer puts before a text comes once.
  // Added tokens that touch `plain` are text. Texts below 2 GiB.
  virtual void Encode(std::string_view text, TextRange plain, std::vector<uint32_t>& ids) const = 0;
  void Encode(std::string_view text, std::vector<uint32_t>& ids) const { Encode(text, {}, ids); }

  virtual uint32_t vocabulary_size() const = 0;  // highest id + 1
  // As the vocabulary writes it ("▁[", "Ġthe"); "" for an id without a token.
  virtual std::string TokenOf(uint32_t id) const = 0;
  virtual std::optional<uint32_t> IdOf(std::string_view token) const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_DECODER_TOKENIZER_H_
