// What a pre-tokenizer does: cuts a text into the pieces whose bytes may be merged, by a pattern of
// which each match is a piece and what lies between two matches is one too ("Isolated").
//
// The patterns of GPT-2, Llama 3 and Qwen are walked by hand with ICU's character properties, which
// is some ten times as fast as an engine; every other one runs in ICU's. Both follow Oniguruma,
// which Hugging Face `tokenizers` uses, for every character of Unicode 15.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_PIECE_SPLITTER_H_
#define FORAKER_MODEL_TOKENIZER_PIECE_SPLITTER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::model {

inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kQwenPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

class PieceSplitter {
 public:
  virtual ~PieceSplitter() = default;

  // Appends where each piece of `text` ends; the last ends with the text. UTF-8 below 2 GiB.
  virtual void Split(std::string_view text, std::vector<uint32_t>& ends) const = 0;
};

// kInvalidArgument when ICU does not take the pattern.
absl::StatusOr<std::unique_ptr<const PieceSplitter>> MakePatternSplitter(std::string_view pattern);
// Always ICU's engine: for patterns that have no faster way, and the oracle of those that do.
absl::StatusOr<std::unique_ptr<const PieceSplitter>> MakeRegexSplitter(std::string_view pattern);

// Before each `mark` (Metaspace), or, with `after_other`, before those alone that follow something
// else than a mark.
std::unique_ptr<const PieceSplitter> MakeMarkSplitter(std::string_view mark, bool after_other);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_PIECE_SPLITTER_H_
