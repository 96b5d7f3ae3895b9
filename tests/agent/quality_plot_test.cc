#include "agent/eval/quality_plot.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace foraker::agent {
namespace {

// What is wrong with `xml` as far as a reader of SVG would stumble: tags that do not match,
// attributes without quotes, bare & and <. Empty: nothing.
std::string IllFormed(const std::string& xml) {
  const std::regex tag(R"(<(/?)([a-zA-Z]+)((?:\s+[a-zA-Z0-9-]+="[^"<]*")*)\s*(/?)>)");
  const std::regex bare_and("&(?!(amp|lt|gt|quot);)");
  std::vector<std::string> open;
  size_t at = 0;
  for (std::sregex_iterator it(xml.begin(), xml.end(), tag), end; it != end; ++it) {
    const std::smatch& match = *it;
    const std::string between = xml.substr(at, static_cast<size_t>(match.position()) - at);
    if (between.find('<') != std::string::npos) return "stray <: " + between;
    at = static_cast<size_t>(match.position() + match.length());
    if (match[1].length() > 0) {
      if (open.empty() || open.back() != match[2]) return "closes " + match[2].str();
      open.pop_back();
    } else if (match[4].length() == 0) {
      open.push_back(match[2]);
    }
  }
  if (!open.empty()) return open.back() + " stays open";
  if (xml.find('<', at) != std::string::npos) return "stray < at the end";
  if (std::regex_search(xml, bare_and)) return "bare &";
  return "";
}

std::vector<std::pair<double, double>> Circles(const std::string& svg) {
  const std::regex circle(R"re(<circle cx="([0-9.]+)" cy="([0-9.]+)" r="4"><title>)re");
  std::vector<std::pair<double, double>> centres;
  for (std::sregex_iterator it(svg.begin(), svg.end(), circle), end; it != end; ++it)
    centres.emplace_back(std::stod((*it)[1]), std::stod((*it)[2]));
  return centres;
}

QualityPlot Example() {
  QualityPlot plot;
  plot.title = "a < b & \"c\"";
  plot.x_label = "searches";
  plot.mark_name = "learned stop";
  PlotSeries recall{.name = "gold recall", .line = {}, .mark = PlotPoint{2.5, .9, {.88, .93}}};
  for (int searches = 1; searches <= 5; ++searches)
    recall.line.push_back({static_cast<double>(searches), .7 + .05 * searches, {.6, 1}});
  plot.series.push_back(recall);
  plot.series.push_back({.name = "F1", .line = {{1, .31, {}}, {2, .4, {}}}, .mark = {}});
  return plot;
}

TEST(QualityPlot, IsWellFormed) {
  EXPECT_EQ(IllFormed(ToSvg(Example())), "");
  EXPECT_EQ(IllFormed(ToSvg(QualityPlot())), "");
}

TEST(QualityPlot, TheCheckOfThisTestSeesFaults) {
  EXPECT_NE(IllFormed("<g><line x1=\"1\"/>"), "");
  EXPECT_NE(IllFormed("<g></a>"), "");
  EXPECT_NE(IllFormed("<g>a & b</g>"), "");
  EXPECT_NE(IllFormed("<g>a < b</g>"), "");
}

TEST(QualityPlot, PointsLieWhereTheirValuesSay) {
  const std::string svg = ToSvg(Example());
  const std::vector<std::pair<double, double>> centres = Circles(svg);
  ASSERT_EQ(centres.size(), 7u);
  const double step = centres[1].first - centres[0].first;
  EXPECT_GT(step, 50);
  for (size_t i = 1; i < 5; ++i) {
    EXPECT_NEAR(centres[i].first - centres[i - 1].first, step, .02);
    EXPECT_LT(centres[i].second, centres[i - 1].second) << "better lies higher";
  }
  // .75 to .95 on one line, .31 on the other: one scale.
  const double pixels = (centres[0].second - centres[4].second) / .2;
  EXPECT_NEAR((centres[5].second - centres[0].second) / (.75 - .31), pixels, .5);
  EXPECT_EQ(centres[5].first, centres[0].first);
}

TEST(QualityPlot, MarksTheLearnedStopAndTellsItsValues) {
  const std::string svg = ToSvg(Example());
  EXPECT_NE(svg.find("gold recall, learned stop: 0.900 (0.880 to 0.930) after 2.50 searches"),
            std::string::npos);
  const std::regex mark(R"re(class="mark" points="([0-9.]+),([0-9.]+) )re");
  std::smatch match;
  ASSERT_TRUE(std::regex_search(svg, match, mark));
  const std::vector<std::pair<double, double>> centres = Circles(svg);
  constexpr double kReach = 8;
  EXPECT_NEAR(std::stod(match[1]) + kReach, (centres[1].first + centres[2].first) / 2, .02);
  EXPECT_NEAR(std::stod(match[2]), centres[3].second, .02);  // .9, as after four searches
}

TEST(QualityPlot, TheSamePlotGivesTheSameBytes) { EXPECT_EQ(ToSvg(Example()), ToSvg(Example())); }

}  // namespace
}  // namespace foraker::agent
