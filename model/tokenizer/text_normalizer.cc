#include "model/tokenizer/text_normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <cstdint>

#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

constexpr std::string_view kReplacement = "\ufffd";

// Where the ends of a range go when a text is rewritten from its begin to its end.
class RangeMapper {
 public:
  explicit RangeMapper(TextRange range) : range_(range) {}

  // [from, to) of the old text has become [new_from, new_to); `same`: byte for byte.
  void Map(size_t from, size_t to, size_t new_from, size_t new_to, bool same) {
    if (range_.empty()) return;
    if (begin_ == kNowhere && range_.begin < to) {
      begin_ = same ? new_from + (range_.begin - from) : new_from;
    }
    if (end_ == kNowhere && range_.end <= to) {
      end_ = same ? new_from + (range_.end - from) : new_to;
    }
  }

  // Of the new text, whose size it is told.
  TextRange Mapped(size_t size) const {
    return range_.empty() ? TextRange{} : TextRange{std::min(begin_, size), std::min(end_, size)};
  }

 private:
  static constexpr size_t kNowhere = ~size_t{0};

  const TextRange range_;
  size_t begin_ = kNowhere;  // in the new text
  size_t end_ = kNowhere;
};

void Apply(const PrependStep& step, std::string& text, TextRange& plain) {
  if (text.empty()) return;
  text.insert(0, step.text);
  if (plain.empty()) return;
  plain.begin += step.text.size();
  plain.end += step.text.size();
}

void Apply(const ReplaceStep& step, std::string& text, TextRange& plain) {
  size_t found = text.find(step.from);
  if (found == std::string::npos) return;
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  RangeMapper mapper(plain);
  size_t done = 0;
  const auto copy = [&](size_t to) {
    mapper.Map(done, to, out.size(), out.size() + (to - done), /*same=*/true);
    out.append(text, done, to - done);
    done = to;
  };
  for (; found != std::string::npos; found = text.find(step.from, done)) {
    copy(found);
    mapper.Map(done, done + step.from.size(), out.size(), out.size() + step.to.size(),
               /*same=*/false);
    out += step.to;
    done += step.from.size();
  }
  copy(text.size());
  plain = mapper.Mapped(out.size());
  text = std::move(out);
}

void Apply(const NfcStep&, std::string& text, TextRange& plain) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return;  // its tables are part of ICU's library
  const icu::StringPiece in(text.data(), static_cast<int32_t>(text.size()));
  if (nfc->isNormalizedUTF8(in, error)) return;
  std::string out;
  out.reserve(text.size());
  icu::StringByteSink<std::string> sink(&out);
  icu::Edits edits;
  nfc->normalizeUTF8(0, in, sink, &edits, error);
  if (U_FAILURE(error)) return;  // out of memory
  RangeMapper mapper(plain);
  for (auto edit = edits.getFineIterator(); edit.next(error);) {
    const auto from = static_cast<size_t>(edit.sourceIndex());
    const auto new_from = static_cast<size_t>(edit.destinationIndex());
    mapper.Map(from, from + static_cast<size_t>(edit.oldLength()), new_from,
               new_from + static_cast<size_t>(edit.newLength()), !edit.hasChange());
  }
  plain = mapper.Mapped(out.size());
  text = std::move(out);
}

}  // namespace

void ReplaceInvalid(std::string& text, TextRange& plain) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  RangeMapper mapper(plain);
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t c = NextCharacter(text, at);
    const std::string_view bytes = std::string_view(text).substr(begin, at - begin);
    const std::string_view written = c == 0xFFFD ? kReplacement : bytes;
    mapper.Map(begin, at, out.size(), out.size() + written.size(), /*same=*/c != 0xFFFD);
    out += written;
  }
  plain = mapper.Mapped(out.size());
  text = std::move(out);
}

void TextNormalizer::Apply(std::string& text, TextRange& plain) const {
  for (const NormalizerStep& step : steps_) {
    std::visit([&](const auto& one) { model::Apply(one, text, plain); }, step);
  }
}

}  // namespace foraker::model
