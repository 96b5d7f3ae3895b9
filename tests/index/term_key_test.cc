#include "index/term_key.h"

#include <gtest/gtest.h>

namespace foraker::index {
namespace {

// Keys are on disk: these values may never change. The low 56 bits were computed with the xxhash
// package of PyPI (xxh3_64_hexdigest), independently of the C library used here.
TEST(TermKeyTest, HashedKeysAreGolden) {
  EXPECT_EQ(HashedTermKey(TermNamespace::kStem, ""), 0x0206800538d394c2u);
  EXPECT_EQ(HashedTermKey(TermNamespace::kStem, "weather"), 0x023e26eaf3038fb7u);
  EXPECT_EQ(HashedTermKey(TermNamespace::kStem, "straße"), 0x022b1b43f40932bcu);
  EXPECT_EQ(HashedTermKey(TermNamespace::kTitle, "barack obama"), 0x039800d70ce083b3u);
  EXPECT_EQ(HashedTermKey(TermNamespace::kImported, "cross-validation of 日本語"),
            0x0457923e19e69c09u);
}

TEST(TermKeyTest, NumberedKeysHoldNamespaceAndId) {
  EXPECT_EQ(NumberedTermKey(TermNamespace::kWordPiece, 30521), 0x0100000000007739u);
  EXPECT_EQ(NamespaceOf(NumberedTermKey(TermNamespace::kWordPiece, 7)), TermNamespace::kWordPiece);
}

TEST(TermKeyTest, OneStringHasAnotherKeyInEachNamespace) {
  EXPECT_NE(HashedTermKey(TermNamespace::kStem, "a"), HashedTermKey(TermNamespace::kTitle, "a"));
}

}  // namespace
}  // namespace foraker::index
