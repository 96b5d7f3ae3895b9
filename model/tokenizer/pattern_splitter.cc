// The patterns of GPT-2, Llama 3 and Qwen by hand. Each function below is one alternative, tried in
// the pattern's order; together they match at every character.

#include <unicode/uchar.h>

#include <array>
#include <cstddef>

#include "model/tokenizer/piece_splitter.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

enum class Kind : uint8_t { kLetter, kNumber, kSpace, kNewline, kOther };  // kNewline: CR, LF

Kind ComputeKind(UChar32 c) {
  if (c == '\r' || c == '\n') return Kind::kNewline;
  const uint32_t mask = U_GET_GC_MASK(c);
  if ((mask & U_GC_L_MASK) != 0) return Kind::kLetter;
  if ((mask & U_GC_N_MASK) != 0) return Kind::kNumber;
  return u_isUWhiteSpace(c) ? Kind::kSpace : Kind::kOther;
}

class Kinds {
 public:
  Kinds() {
    for (size_t c = 0; c < kinds_.size(); ++c) kinds_[c] = ComputeKind(static_cast<UChar32>(c));
  }
  Kind Of(char32_t c) const {
    return c < kinds_.size() ? kinds_[c] : ComputeKind(static_cast<UChar32>(c));
  }

 private:
  std::array<Kind, 0x10000> kinds_;  // of the basic plane
};

const Kinds& AllKinds() {
  static const Kinds kinds;
  return kinds;
}

// A text and the place in it where the next piece begins.
class Walk {
 public:
  explicit Walk(std::string_view text) : kinds_(AllKinds()), text_(text) {}

  // The kind of the character at `at`, which moves behind it. Not at the end.
  Kind Next(size_t& at) const {
    const auto byte = static_cast<uint8_t>(text_[at]);
    if (byte < 0x80) {
      ++at;
      return kinds_.Of(byte);
    }
    return kinds_.Of(NextCharacter(text_, at));
  }

  // Behind the characters from `at` on that `belongs`, at most `most` of them.
  template <typename Belongs>
  size_t Run(size_t at, const Belongs& belongs, size_t most = ~size_t{0}) const {
    for (size_t n = 0; n < most && at < text_.size(); ++n) {
      size_t next = at;
      if (!belongs(Next(next))) break;
      at = next;
    }
    return at;
  }

  bool Is(size_t at, char c) const { return at < text_.size() && text_[at] == c; }
  bool End(size_t at) const { return at >= text_.size(); }

  // 's|'t|'re|'ve|'m|'ll|'d; `at` when there is none. Without case, long s is an s.
  size_t Contraction(size_t at, bool any_case) const {
    if (!Is(at, '\'')) return at;
    const auto letter = [&](size_t i) -> char {
      if (End(i)) return '\0';
      const char c = text_[i];
      return any_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const char first = letter(at + 1);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
    const char second = first == '\0' ? '\0' : letter(at + 2);
    if ((first == 'r' || first == 'v') && second == 'e') return at + 3;
    if (first == 'l' && second == 'l') return at + 3;
    if (any_case && text_.substr(at + 1, 2) == "\u017f") return at + 3;
    return at;
  }

  // \s+(?!\S)|\s+ : a run of white space without its last character when more follows.
  size_t Space(size_t at) const {
    size_t before_last = at;
    size_t end = at;
    while (!End(end)) {
      size_t next = end;
      const Kind kind = Next(next);
      if (kind != Kind::kSpace && kind != Kind::kNewline) {
        return before_last > at ? before_last : end;
      }
      before_last = end;
      end = next;
    }
    return end;
  }

  // \s*[\r\n]+ : up to the last line end of a run of white space; `at` when it has none.
  size_t LineEnds(size_t at) const {
    size_t found = at;
    while (!End(at)) {
      const Kind kind = Next(at);
      if (kind == Kind::kNewline) found = at;
      if (kind != Kind::kNewline && kind != Kind::kSpace) break;
    }
    return found;
  }

 private:
  const Kinds& kinds_;
  const std::string_view text_;
};

bool IsLetter(Kind kind) { return kind == Kind::kLetter; }
bool IsNumber(Kind kind) { return kind == Kind::kNumber; }
bool IsNewline(Kind kind) { return kind == Kind::kNewline; }
bool IsOther(Kind kind) { return kind == Kind::kOther; }

size_t Gpt2Piece(const Walk& walk, size_t at) {
  if (const size_t end = walk.Contraction(at, /*any_case=*/false); end > at) return end;
  const size_t start = walk.Is(at, ' ') ? at + 1 : at;
  if (!walk.End(start)) {
    size_t next = start;
    switch (walk.Next(next)) {
      case Kind::kLetter:
        return walk.Run(next, IsLetter);
      case Kind::kNumber:
        return walk.Run(next, IsNumber);
      case Kind::kOther:
        return walk.Run(next, IsOther);
      case Kind::kSpace:
      case Kind::kNewline:
        break;
    }
  }
  return walk.Space(at);
}

// Llama 3's, which takes three digits at once, and Qwen's, which takes one.
size_t Llama3Piece(const Walk& walk, size_t at, size_t most_digits) {
  if (const size_t end = walk.Contraction(at, /*any_case=*/true); end > at) return end;
  size_t next = at;
  const Kind kind = walk.Next(next);
  if (kind == Kind::kLetter) return walk.Run(next, IsLetter);
  if (kind == Kind::kNumber) return walk.Run(next, IsNumber, most_digits - 1);
  if (kind != Kind::kNewline) {
    if (const size_t end = walk.Run(next, IsLetter); end > next) return end;
  }
  const size_t start = walk.Is(at, ' ') ? at + 1 : at;
  if (const size_t end = walk.Run(start, IsOther); end > start) return walk.Run(end, IsNewline);
  if (const size_t end = walk.LineEnds(at); end > at) return end;
  return walk.Space(at);
}

// Calls the walk of one pattern until the text ends.
template <typename NextPiece>
class WalkingSplitter final : public PieceSplitter {
 public:
  explicit WalkingSplitter(NextPiece next_piece) : next_piece_(next_piece) {}

  void Split(std::string_view text, std::vector<uint32_t>& ends) const override {
    const Walk walk(text);
    for (size_t at = 0; at < text.size();) {
      at = next_piece_(walk, at);
      ends.push_back(static_cast<uint32_t>(at));
    }
  }

 private:
  const NextPiece next_piece_;
};

template <typename NextPiece>
std::unique_ptr<const PieceSplitter> Walking(NextPiece next_piece) {
  return std::make_unique<const WalkingSplitter<NextPiece>>(next_piece);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const PieceSplitter>> MakePatternSplitter(std::string_view pattern) {
  if (pattern == kGpt2Pattern) {
    return Walking([](const Walk& walk, size_t at) { return Gpt2Piece(walk, at); });
  }
  if (pattern == kLlama3Pattern) {
    return Walking([](const Walk& walk, size_t at) { return Llama3Piece(walk, at, 3); });
  }
  if (pattern == kQwenPattern) {
    return Walking([](const Walk& walk, size_t at) { return Llama3Piece(walk, at, 1); });
  }
  return MakeRegexSplitter(pattern);
}

}  // namespace foraker::model
