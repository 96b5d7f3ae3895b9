#include "model/tokenizer/sentencepiece_reader.h"

#include <sentencepiece_processor.h>

#include <exception>
#include <utility>

namespace foraker::model {
namespace {

using sentencepiece::SentencePieceProcessor;

// Walks the fields of one message of Protocol Buffers; what is cut off ends it. The numbers below
// are those of sentencepiece_model.proto.
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

// What the library does not say, and what it must not be given: of other models than BPE's and of
// tables for normalisation it trusts every byte.
struct ModelFacts {
  std::vector<bool> user_defined;  // by id
  bool empty_piece = false;
  bool bpe = false;
  bool has_table = false;
};

void ReadPiece(std::string_view message, ModelFacts& facts) {
  constexpr uint64_t kText = 1;
  constexpr uint64_t kType = 3;
  constexpr uint64_t kUserDefinedType = 4;
  bool user_defined = false;
  bool empty = true;
  uint64_t number = 0;
  uint64_t varint = 0;
  std::string_view bytes;
  for (MessageFields fields(message); fields.Next(number, varint, bytes);) {
    if (number == kType) user_defined = varint == kUserDefinedType;
    if (number == kText) empty = bytes.empty();
  }
  facts.user_defined.push_back(user_defined);
  facts.empty_piece = facts.empty_piece || empty;
}

ModelFacts ReadFacts(std::string_view model) {
  enum ModelField : uint64_t { kPieces = 1, kTrainer = 2, kNormalizer = 3, kDenormalizer = 5 };
  constexpr uint64_t kModelType = 3;  // of the trainer's
  constexpr uint64_t kBpe = 2;
  constexpr uint64_t kTable = 2;  // of a normalizer's: precompiled_charsmap
  ModelFacts facts;
  uint64_t number = 0;
  uint64_t varint = 0;
  std::string_view message;
  for (MessageFields fields(model); fields.Next(number, varint, message);) {
    const uint64_t part = number;
    if (part == kPieces) ReadPiece(message, facts);
    if (part != kTrainer && part != kNormalizer && part != kDenormalizer) continue;
    std::string_view bytes;
    for (MessageFields inner(message); inner.Next(number, varint, bytes);) {
      if (part == kTrainer && number == kModelType) facts.bpe = varint == kBpe;
      if (part != kTrainer && number == kTable && !bytes.empty()) facts.has_table = true;
    }
  }
  return facts;
}

class LibraryReader final : public SentencePieceReader {
 public:
  static std::unique_ptr<const SentencePieceReader> Load(std::string_view model,
                                                         std::string& error) {
    ModelFacts facts = ReadFacts(model);
    error = facts.user_defined.empty() ? "expected a SentencePiece model"
            : facts.empty_piece        ? "expected pieces that are not empty"
            : !facts.bpe               ? "expected a BPE model"
            : facts.has_table          ? "expected a model without normalisation"
                                       : "";
    if (!error.empty()) return nullptr;
    auto reader = std::make_unique<LibraryReader>();
    try {
      const auto status = reader->processor_.LoadFromSerializedProto(model);
      if (!status.ok()) error = status.ToString();
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
    if (error.empty() &&
        facts.user_defined.size() != static_cast<size_t>(reader->processor_.GetPieceSize())) {
      error = "pieces that are not counted";
    }
    if (!error.empty()) {
      error.insert(0, "expected a SentencePiece model: ");
      return nullptr;
    }
    reader->user_defined_ = std::move(facts.user_defined);
    return reader;
  }

  std::vector<Piece> Pieces() const override {
    std::vector<Piece> pieces;
    for (int id = 0; id < processor_.GetPieceSize(); ++id) {
      pieces.push_back({processor_.IdToPiece(id), processor_.GetScore(id), KindOf(id)});
    }
    return pieces;
  }

  std::vector<int> Encode(std::string_view text) const override {
    std::vector<int> ids;
    try {
      if (!processor_.Encode(text, &ids).ok()) ids.clear();
    } catch (const std::exception&) {
      ids.clear();
    }
    return ids;
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
