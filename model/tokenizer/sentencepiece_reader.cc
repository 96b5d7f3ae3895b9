#include "model/tokenizer/sentencepiece_reader.h"

#include <sentencepiece_processor.h>

namespace foraker::model {
namespace {

using sentencepiece::SentencePieceProcessor;

// The library answers what a piece is but for the user's symbols, so their type is read from the
// message itself (sentencepiece_model.proto):
//   ModelProto { repeated SentencePiece pieces = 1; }  SentencePiece { Type type = 3; }
// Walks the fields of one message of Protocol Buffers; what is cut off ends it.
class MessageFields {
 public:
  explicit MessageFields(std::string_view message) : rest_(message) {}

  // The next field: `number`, and what it holds, of which one is set.
  bool Next(uint64_t& number, uint64_t& varint, std::string_view& bytes) {
    uint64_t key = 0;
    if (rest_.empty() || !Varint(key)) return false;
    number = key >> 3;
    varint = 0;
    bytes = {};
    switch (key & 7) {
      case 0:
        return Varint(varint);
      case 1:
        return Take(8, bytes);
      case 2: {
        uint64_t size = 0;
        return Varint(size) && Take(size, bytes);
      }
      case 5:
        return Take(4, bytes);
      default:
        return false;
    }
  }

 private:
  bool Varint(uint64_t& value) {
    value = 0;
    for (uint32_t shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool Take(uint64_t size, std::string_view& bytes) {
    if (size > rest_.size()) return false;
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
};

// By id: whether the piece is a symbol of the user's.
std::vector<bool> UserDefined(std::string_view model) {
  constexpr uint64_t kPieces = 1;
  constexpr uint64_t kType = 3;
  constexpr uint64_t kUserDefinedType = 4;
  std::vector<bool> flags;
  uint64_t number = 0;
  uint64_t varint = 0;
  std::string_view bytes;
  for (MessageFields fields(model); fields.Next(number, varint, bytes);) {
    if (number != kPieces) continue;
    bool user_defined = false;
    for (MessageFields piece(bytes); piece.Next(number, varint, bytes);) {
      if (number == kType) user_defined = varint == kUserDefinedType;
    }
    flags.push_back(user_defined);
  }
  return flags;
}

class LibraryReader final : public SentencePieceReader {
 public:
  static std::unique_ptr<const SentencePieceReader> Load(std::string_view model,
                                                         std::string& error) {
    auto reader = std::make_unique<LibraryReader>();
    const auto status = reader->processor_.LoadFromSerializedProto(model);
    if (!status.ok()) {
      error = status.ToString();
      return nullptr;
    }
    reader->user_defined_ = UserDefined(model);
    if (reader->user_defined_.size() == static_cast<size_t>(reader->processor_.GetPieceSize())) {
      return reader;
    }
    error = "pieces that the library does not count";
    return nullptr;
  }

  std::vector<Piece> Pieces() const override {
    std::vector<Piece> pieces;
    for (int id = 0; id < processor_.GetPieceSize(); ++id) {
      pieces.push_back({processor_.IdToPiece(id), processor_.GetScore(id), KindOf(id)});
    }
    return pieces;
  }

  std::vector<int> Encode(std::string_view text) const override {
    return processor_.EncodeAsIds(text);
  }

 private:
  Kind KindOf(int id) const {
    if (processor_.IsUnknown(id)) return Kind::kUnknown;
    if (processor_.IsControl(id)) return Kind::kControl;
    if (processor_.IsByte(id)) return Kind::kByte;
    if (processor_.IsUnused(id)) return Kind::kUnused;
    return user_defined_[static_cast<size_t>(id)] ? Kind::kUserDefined : Kind::kNormal;
  }

  SentencePieceProcessor processor_;
  std::vector<bool> user_defined_;  // by id
};

}  // namespace

std::unique_ptr<const SentencePieceReader> SentencePieceReader::Load(std::string_view model,
                                                                     std::string& error) {
  return LibraryReader::Load(model, error);
}

}  // namespace foraker::model
