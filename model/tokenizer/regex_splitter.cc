// Any pattern, by ICU's regular expressions; and the marks of SentencePiece.

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "model/tokenizer/piece_splitter.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

constexpr size_t kMostPatternBytes = 1 << 14;
// Steps of ICU's engine in one match, in its units (some milliseconds each), and bytes of its
// stack. What does not match within them stays one piece.
constexpr int32_t kTimeLimit = 200;
constexpr int32_t kStackLimit = 16 << 20;

// Where each UTF-16 unit of the text begins in its UTF-8, and where the last one ends.
std::vector<uint32_t> OffsetsOf(std::string_view text) {
  std::vector<uint32_t> offsets;
  offsets.reserve(text.size() + 1);
  for (size_t at = 0; at < text.size();) {
    const auto begin = static_cast<uint32_t>(at);
    const char32_t c = NextCharacter(text, at);
    offsets.push_back(begin);
    if (c > 0xFFFF) offsets.push_back(begin);
  }
  offsets.push_back(static_cast<uint32_t>(text.size()));
  return offsets;
}

class RegexSplitter final : public PieceSplitter {
 public:
  explicit RegexSplitter(std::unique_ptr<icu::RegexPattern> pattern)
      : pattern_(std::move(pattern)) {}

  void Split(std::string_view text, std::vector<uint32_t>& ends) const override {
    if (text.empty()) return;
    const auto wide = icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    const std::vector<uint32_t> offsets = OffsetsOf(text);
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(wide, error));
    uint32_t done = 0;
    const auto end_at = [&](int32_t unit) {
      const uint32_t end = offsets[static_cast<size_t>(unit)];
      if (end > done) ends.push_back(end);
      done = end;
    };
    if (U_SUCCESS(error)) {
      matcher->setTimeLimit(kTimeLimit, error);
      matcher->setStackLimit(kStackLimit, error);
      while (U_SUCCESS(error) && matcher->find(error)) {
        end_at(matcher->start(error));
        end_at(matcher->end(error));
      }
    }
    if (done < text.size()) ends.push_back(static_cast<uint32_t>(text.size()));
  }

 private:
  const std::unique_ptr<icu::RegexPattern> pattern_;
};

class MarkSplitter final : public PieceSplitter {
 public:
  MarkSplitter(std::string_view mark, bool after_other) : mark_(mark), after_other_(after_other) {}

  void Split(std::string_view text, std::vector<uint32_t>& ends) const override {
    if (text.empty()) return;
    size_t last_end = 0;  // of the last mark
    for (size_t at = text.find(mark_); at != std::string_view::npos;
         at = text.find(mark_, last_end)) {
      if (at > 0 && !(after_other_ && at == last_end)) ends.push_back(static_cast<uint32_t>(at));
      last_end = at + mark_.size();
    }
    ends.push_back(static_cast<uint32_t>(text.size()));
  }

 private:
  const std::string mark_;
  const bool after_other_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const PieceSplitter>> MakeRegexSplitter(std::string_view pattern) {
  if (pattern.size() > kMostPatternBytes) {
    return absl::InvalidArgumentError(absl::StrFormat("a pattern has at most %d bytes, not %d",
                                                      kMostPatternBytes, pattern.size()));
  }
  UErrorCode error = U_ZERO_ERROR;
  UParseError where{};
  std::unique_ptr<icu::RegexPattern> compiled(
      icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(icu::StringPiece(
                                     pattern.data(), static_cast<int32_t>(pattern.size()))),
                                 0, where, error));
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "not a regular expression, at character %d: %s", where.offset, u_errorName(error)));
  }
  return std::make_unique<const RegexSplitter>(std::move(compiled));
}

std::unique_ptr<const PieceSplitter> MakeMarkSplitter(std::string_view mark, bool after_other) {
  return std::make_unique<const MarkSplitter>(mark, after_other);
}

}  // namespace foraker::model
