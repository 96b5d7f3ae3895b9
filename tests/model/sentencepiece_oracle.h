// The SentencePiece library, as tests ask it. Its header declares an absl::string_view of its own,
// so it is included in the .cc alone.

#ifndef FORAKER_TESTS_MODEL_SENTENCEPIECE_ORACLE_H_
#define FORAKER_TESTS_MODEL_SENTENCEPIECE_ORACLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::model {

class SentencePieceOracle {
 public:
  // Null when the library takes the bytes for no model.
  static std::unique_ptr<SentencePieceOracle> Load(std::string_view model);
  virtual ~SentencePieceOracle() = default;

  virtual std::vector<uint32_t> Encode(std::string_view text) const = 0;

  virtual size_t size() const = 0;
  virtual std::string TextOf(size_t id) const = 0;
  virtual float ScoreOf(size_t id) const = 0;
  virtual bool IsUnknown(size_t id) const = 0;
  virtual bool IsControl(size_t id) const = 0;
  virtual bool IsByte(size_t id) const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_TESTS_MODEL_SENTENCEPIECE_ORACLE_H_
