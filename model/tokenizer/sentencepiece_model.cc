#include "model/tokenizer/sentencepiece_model.h"

#include <bit>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::model {
namespace {

enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct MessageField {
  uint64_t number = 0;
  uint8_t type = kVarint;
  uint64_t integer = 0;    // of kVarint, kFixed32 and kFixed64
  std::string_view bytes;  // of kBytes
};

absl::Status Malformed() { return absl::InvalidArgumentError("no message of Protocol Buffers"); }

bool TakeVarint(std::string_view& rest, uint64_t& value) {
  value = 0;
  for (uint32_t shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest.front());
    rest.remove_prefix(1);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool TakeBytes(std::string_view& rest, uint64_t size, std::string_view& bytes) {
  if (size > rest.size()) return false;
  bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

bool TakeFixed(std::string_view& rest, uint32_t size, uint64_t& value) {
  std::string_view bytes;
  if (!TakeBytes(rest, size, bytes)) return false;
  for (uint32_t i = 0; i < size; ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return true;
}

bool TakeField(std::string_view& rest, MessageField& field) {
  uint64_t key = 0;
  if (!TakeVarint(rest, key)) return false;
  field = {.number = key >> 3, .type = static_cast<uint8_t>(key & 7), .integer = 0, .bytes = {}};
  switch (field.type) {
    case kVarint:
      return TakeVarint(rest, field.integer);
    case kFixed64:
      return TakeFixed(rest, 8, field.integer);
    case kFixed32:
      return TakeFixed(rest, 4, field.integer);
    case kBytes: {
      uint64_t size = 0;
      return TakeVarint(rest, size) && TakeBytes(rest, size, field.bytes);
    }
    default:
      return false;
  }
}

// take(field) for each field of a message, in order: the last of several counts.
template <typename Take>
absl::Status ForEachField(std::string_view message, const Take& take) {
  MessageField field;
  while (!message.empty()) {
    if (!TakeField(message, field)) return Malformed();
    RETURN_IF_ERROR(take(field));
  }
  return absl::OkStatus();
}

absl::StatusOr<SentencePieceModel::Piece> ReadPiece(std::string_view message) {
  SentencePieceModel::Piece piece;
  RETURN_IF_ERROR(ForEachField(message, [&](const MessageField& field) {
    if (field.number == 1 && field.type == kBytes) {
      piece.text = field.bytes;
    } else if (field.number == 2 && field.type == kFixed32) {
      piece.score = std::bit_cast<float>(static_cast<uint32_t>(field.integer));
    } else if (field.number == 3 && field.type == kVarint) {
      if (field.integer < 1 || field.integer > 6) {
        return absl::InvalidArgumentError(
            absl::StrFormat("piece \"%s\" is of the unknown type %d", piece.text, field.integer));
      }
      piece.kind = static_cast<SentencePieceModel::Kind>(field.integer);
    }
    return absl::OkStatus();
  }));
  return piece;
}

// What the specifications of the trainer and the normaliser say, by their defaults.
struct Specifications {
  uint64_t model_type = 1;
  bool whitespace_as_suffix = false;
  bool byte_fallback = false;
  bool has_character_map = false;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

absl::Status ReadTrainer(std::string_view message, Specifications& specifications) {
  return ForEachField(message, [&](const MessageField& field) {
    if (field.type != kVarint) return absl::OkStatus();
    if (field.number == 3) specifications.model_type = field.integer;
    if (field.number == 24) specifications.whitespace_as_suffix = field.integer != 0;
    if (field.number == 35) specifications.byte_fallback = field.integer != 0;
    return absl::OkStatus();
  });
}

absl::Status ReadNormalizer(std::string_view message, Specifications& specifications) {
  return ForEachField(message, [&](const MessageField& field) {
    if (field.number == 2 && field.type == kBytes) {
      specifications.has_character_map = !field.bytes.empty();
    }
    if (field.type != kVarint) return absl::OkStatus();
    if (field.number == 4) specifications.remove_extra_whitespaces = field.integer != 0;
    if (field.number == 5) specifications.escape_whitespaces = field.integer != 0;
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<SentencePieceModel> ReadSentencePieceModel(std::string_view bytes) {
  constexpr uint64_t kBpe = 2;
  SentencePieceModel model;
  Specifications specifications;
  RETURN_IF_ERROR(ForEachField(bytes, [&](const MessageField& field) -> absl::Status {
    if (field.type != kBytes) return absl::OkStatus();
    if (field.number == 1) {
      ASSIGN_OR_RETURN(model.pieces.emplace_back(), ReadPiece(field.bytes));
    } else if (field.number == 2) {
      return ReadTrainer(field.bytes, specifications);
    } else if (field.number == 3) {
      return ReadNormalizer(field.bytes, specifications);
    }
    return absl::OkStatus();
  }));
  if (model.pieces.empty()) return absl::InvalidArgumentError("no pieces");
  model.is_bpe = specifications.model_type == kBpe;
  model.byte_fallback = specifications.byte_fallback;
  model.normalises = specifications.has_character_map || specifications.remove_extra_whitespaces ||
                     specifications.whitespace_as_suffix || !specifications.escape_whitespaces;
  return model;
}

}  // namespace foraker::model
