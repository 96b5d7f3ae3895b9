// What a tokenizer.model of SentencePiece says, read from its bytes.
//
// The library itself is not linked: the one that is packaged brings an old Protocol Buffers runtime
// whose symbols take the place of gRPC's. Tests hold our ids against it
// (tests/model/sentencepiece_test.cc).
//
// The file is one message (sentencepiece_model.proto of the library, proto2; what is not listed is
// passed over):
//   ModelProto      1 pieces*   2 trainer_spec   3 normalizer_spec
//   SentencePiece   1 piece: string   2 score: float   3 type: 1 normal (default), 2 unknown,
//                   3 control, 4 user defined, 5 unused, 6 byte
//   TrainerSpec     3 model_type: 1 unigram (default), 2 BPE ...   24 treat_whitespace_as_suffix
//                   35 byte_fallback
//   NormalizerSpec  2 precompiled_charsmap: bytes   4 remove_extra_whitespaces (true by default)
//                   5 escape_whitespaces (true by default)
//
// Plain values. kInvalidArgument without the file's name.

#ifndef FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_MODEL_H_
#define FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::model {

struct SentencePieceModel {
  enum class Kind : uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };
  struct Piece {
    std::string text;
    float score = 0;
    Kind kind = Kind::kNormal;
  };

  std::vector<Piece> pieces;  // by id
  bool is_bpe = false;
  bool byte_fallback = false;
  bool normalises = false;  // in any way but for the space before a text
};

absl::StatusOr<SentencePieceModel> ReadSentencePieceModel(std::string_view bytes);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_SENTENCEPIECE_MODEL_H_
