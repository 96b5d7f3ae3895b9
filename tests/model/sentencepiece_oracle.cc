#include "tests/model/sentencepiece_oracle.h"

#include <sentencepiece_processor.h>

namespace foraker::model {
namespace {

class Library final : public SentencePieceOracle {
 public:
  bool Read(std::string_view model) { return processor_.LoadFromSerializedProto(model).ok(); }

  std::vector<uint32_t> Encode(std::string_view text) const override {
    const std::vector<int> ids = processor_.EncodeAsIds(text);
    return {ids.begin(), ids.end()};
  }

  size_t size() const override { return static_cast<size_t>(processor_.GetPieceSize()); }
  std::string TextOf(size_t id) const override { return processor_.IdToPiece(Id(id)); }
  float ScoreOf(size_t id) const override { return processor_.GetScore(Id(id)); }
  bool IsUnknown(size_t id) const override { return processor_.IsUnknown(Id(id)); }
  bool IsControl(size_t id) const override { return processor_.IsControl(Id(id)); }
  bool IsByte(size_t id) const override { return processor_.IsByte(Id(id)); }

 private:
  static int Id(size_t id) { return static_cast<int>(id); }

  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace

std::unique_ptr<SentencePieceOracle> SentencePieceOracle::Load(std::string_view model) {
  auto library = std::make_unique<Library>();
  if (!library->Read(model)) return nullptr;
  return library;
}

}  // namespace foraker::model
