#include "services/cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foraker::cli {
namespace {

using ::testing::ElementsAre;

TEST(Terminal, CleanTextCannotSendControlSequences) {
  EXPECT_EQ(Clean("a\x1b[31mb\n\n c\tD"), "a [31mb c D");
  EXPECT_EQ(Clean("  \xff x  "), "\xef\xbf\xbd x");
  EXPECT_EQ(Clean("\xc2\x9b"
                  "2J"),
            "2J")
      << "C1 controls too";
}

TEST(Terminal, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("Zürich"), 6u);
  EXPECT_EQ(DisplayWidth("東京"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u) << "a combining accent takes no column";
  EXPECT_EQ(DisplayWidth(Style(true).Bold("word")), 4u);
}

TEST(Terminal, EllipsisMarksWhatWasCut) {
  EXPECT_EQ(Ellipsis("short", 10), "short");
  EXPECT_EQ(Ellipsis("a longer text", 8), "a longe…");
  EXPECT_EQ(Ellipsis("東京都", 4), "東…");
}

TEST(Terminal, LinesBreakAtBlanks) {
  EXPECT_THAT(WrapLines("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapLines("unbreakable a", 4), ElementsAre("unbreakable", "a"));
  EXPECT_THAT(WrapLines("", 4), ElementsAre());
}

TEST(Terminal, TablesAlignTheirColumns) {
  Table table({Table::Align::kLeft, Table::Align::kRight});
  table.Add({"ab", "1"});
  table.Add({"東京都", "10"});
  EXPECT_EQ(table.ToString(), "ab       1\n東京都  10\n");
}

TEST(Terminal, NumbersAreWrittenForPeople) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1001481), "1,001,481");
  EXPECT_EQ(Bytes(512), "512 B");
  EXPECT_EQ(Bytes(49'860'522), "49.9 MB");
  EXPECT_EQ(Duration(0.25), "250 ms");
  EXPECT_EQ(Duration(200), "3 m 20 s");
}

}  // namespace
}  // namespace foraker::cli
