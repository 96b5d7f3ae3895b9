// WordPiece: text to ids of a learned vocabulary, as BERT's tokenizer makes them.
//
//   text ─► cleaned (control characters out, white space unified) ─► CJK characters apart ─►
//   lower case, NFD without accents ─► words, punctuation apart ─► longest pieces first
//
// The result is that of Hugging Face `tokenizers` for the same directory, id for id, special tokens
// in the text ("[MASK]") included; byte ranges are those of the original text.
//
// A WordPiece is immutable and safe for concurrent use; a Session (made from it) keeps the words it
// has seen, and serves one thread. Errors at Open only: kNotFound, kInvalidArgument name the file
// and what was expected. No error at tokenisation: a byte that is not UTF-8 counts as U+FFFD.

#ifndef FORAKER_MODEL_TOKENIZER_WORDPIECE_H_
#define FORAKER_MODEL_TOKENIZER_WORDPIECE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::model {

struct Token {
  uint32_t id;
  uint32_t begin;  // bytes of the text, half open
  uint32_t end;

  friend bool operator==(const Token&, const Token&) = default;
};

class WordPiece {
 public:
  class Session {
   public:
    virtual ~Session() = default;
    // All tokens of the text in order; [CLS] and [SEP] are not added. The memory is the session's,
    // valid until its next call. Texts below 2 GiB.
    virtual const std::vector<Token>& Tokenize(std::string_view text) = 0;
  };

  // Reads tokenizer.json, or vocab.txt with tokenizer_config.json where there is one.
  static absl::StatusOr<std::shared_ptr<const WordPiece>> Open(const std::string& directory);

  virtual ~WordPiece() = default;
  virtual std::unique_ptr<Session> NewSession() const = 0;

  virtual uint32_t vocabulary_size() const = 0;  // highest id + 1
  virtual std::string_view TextOf(uint32_t id) const = 0;
  virtual std::optional<uint32_t> IdOf(std::string_view token) const = 0;
  // [PAD], [UNK], [CLS], [SEP], [MASK] and whatever else the tokenizer calls special.
  virtual bool IsSpecial(uint32_t id) const = 0;
  virtual uint32_t cls() const = 0;
  virtual uint32_t sep() const = 0;
  // Names of the files it was read from, inside the directory.
  virtual const std::vector<std::string>& files() const = 0;
  // Hex of XXH3-64 over the ids of a fixed probe text and over the vocabulary.
  virtual std::string Fingerprint() const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_WORDPIECE_H_
