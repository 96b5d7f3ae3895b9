// A SentencePiece model through its library, whose header declares an absl::string_view of its own:
// it is included in sentencepiece_reader.cc alone, where no other Abseil header is.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_READER_H_
#define FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::model {

class SentencePieceReader {
 public:
  enum class Kind : uint8_t { kNormal, kUnknown, kControl, kUserDefined, kByte, kUnused };
  struct Piece {
    std::string text;
    float score;
    Kind kind;
  };

  // Of the contents of a .model file that holds a BPE model without normalisation. Null with what
  // was expected, or what the library said, when it is none.
  static std::unique_ptr<const SentencePieceReader> Load(std::string_view model,
                                                         std::string& error);
  virtual ~SentencePieceReader() = default;

  virtual std::vector<Piece> Pieces() const = 0;  // by id
  // The library's own ids of a text; none where it fails.
  virtual std::vector<int> Encode(std::string_view text) const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_READER_H_
