#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace foraker::base {
namespace {

std::span<const std::byte> Bytes(std::string_view s) { return std::as_bytes(std::span(s)); }

TEST(Crc32cTest, AgreesWithPublishedVectors) {
  EXPECT_EQ(Crc32c(Bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(Crc32c({}), 0u);
  // RFC 3720, appendix B.4.
  EXPECT_EQ(Crc32c(Bytes(std::string(32, '\0'))), 0x8a9136aau);
  EXPECT_EQ(Crc32c(Bytes(std::string(32, '\xff'))), 0x62a8ab43u);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending.push_back(c);
  EXPECT_EQ(Crc32c(Bytes(ascending)), 0x46dd794eu);
}

TEST(Crc32cTest, ContinuesFromThePartBefore) {
  const std::string text = "the quick brown fox jumps over the lazy dog, and so on and on";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view whole = text;
    EXPECT_EQ(Crc32c(Bytes(whole.substr(cut)), Crc32c(Bytes(whole.substr(0, cut)))),
              Crc32c(Bytes(whole)))
        << cut;
  }
}

}  // namespace
}  // namespace foraker::base
