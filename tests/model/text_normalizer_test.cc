// What is done to a text before it is cut, and where the plain range is afterwards.

#include "model/tokenizer/text_normalizer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace foraker::model {
namespace {

// The text with the range in brackets, before and after.
std::string Normalized(std::vector<NormalizerStep> steps, const std::string& marked) {
  const size_t begin = marked.find('[');
  const size_t end = marked.find(']');
  std::string text = absl::StrCat(
      marked.substr(0, begin), marked.substr(begin + 1, end - begin - 1), marked.substr(end + 1));
  TextRange plain{begin, end - 1};
  TextNormalizer(std::move(steps)).Apply(text, plain);
  return absl::StrCat(text.substr(0, plain.begin), "[",
                      text.substr(plain.begin, plain.end - plain.begin), "]",
                      text.substr(plain.end));
}

TEST(TextNormalizerTest, WhatIsPutBeforeATextMovesTheRange) {
  EXPECT_EQ(Normalized({PrependStep{"__"}}, "a[b]c"), "__a[b]c");
  std::string empty;
  TextRange none;
  TextNormalizer({PrependStep{"__"}}).Apply(empty, none);
  EXPECT_EQ(empty, "");
}

TEST(TextNormalizerTest, WhatIsReplacedBeforeOrInTheRangeMovesItsEnds) {
  const ReplaceStep longer{" ", "___"};
  EXPECT_EQ(Normalized({longer}, "a [b c] d"), "a___[b___c]___d");
  EXPECT_EQ(Normalized({longer}, "[ ]"), "[___]");
  EXPECT_EQ(Normalized({longer}, "a[b]c"), "a[b]c");
  EXPECT_EQ(Normalized({ReplaceStep{"xyz", "q"}}, "xyz[axyz]xyz"), "q[aq]q");
}

TEST(TextNormalizerTest, AChangeThatTouchesTheRangeIsInItWhole) {
  EXPECT_EQ(Normalized({ReplaceStep{"xyz", "pq"}}, "ax[yzb]"), "a[pqb]");
  EXPECT_EQ(Normalized({ReplaceStep{"xyz", "pq"}}, "[ax]yzb"), "[apq]b");
  EXPECT_EQ(Normalized({NfcStep{}}, "ae[\u0301b]"), "a[\u00e9b]");
  EXPECT_EQ(Normalized({NfcStep{}}, "[ae]\u0301b"), "[a\u00e9]b");
}

TEST(TextNormalizerTest, ComposingMovesTheRange) {
  EXPECT_EQ(Normalized({NfcStep{}}, "e\u0301e\u0301[ab]e\u0301"), "\u00e9\u00e9[ab]\u00e9");
  EXPECT_EQ(Normalized({NfcStep{}}, "ab[cd]"), "ab[cd]");
}

TEST(TextNormalizerTest, StepsFollowOneAnother) {
  EXPECT_EQ(Normalized({PrependStep{" "}, ReplaceStep{" ", "__"}}, "a [b]"), "__a__[b]");
}

TEST(TextNormalizerTest, EverySequenceThatIsNotUtf8BecomesOneReplacementCharacter) {
  std::string text = "a\xff\xfe[\xf0\x9f\xa6]\xc3";
  TextRange plain{4, 7};
  ReplaceInvalid(text, plain);
  EXPECT_EQ(text, "a\ufffd\ufffd[\ufffd]\ufffd");
  EXPECT_EQ(plain.begin, 8u);
  EXPECT_EQ(plain.end, 11u);
}

}  // namespace
}  // namespace foraker::model
