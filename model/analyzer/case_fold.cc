#include "model/analyzer/case_fold.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_replace.h"

namespace foraker::model {
namespace {

const icu::Normalizer2* Folding() {
  static const icu::Normalizer2* const folding = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(error);
  }();
  return folding;
}

}  // namespace

void FoldCase(std::string_view word, std::string& folded) {
  const bool ascii =
      std::all_of(word.begin(), word.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  folded.assign(word);
  if (ascii) {
    for (char& c : folded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return;
  }
  if (Folding() == nullptr) return;
  folded.clear();
  icu::StringByteSink<std::string> sink(&folded);
  UErrorCode error = U_ZERO_ERROR;
  Folding()->normalizeUTF8(0, {word.data(), static_cast<int32_t>(word.size())}, sink, nullptr,
                           error);
  absl::StrReplaceAll({{"\u2019", "'"}}, &folded);
}

}  // namespace foraker::model
