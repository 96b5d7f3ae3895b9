#include "agent/eval/quality_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace foraker::agent {
namespace {

// Pixels.
constexpr double kWidth = 640;
constexpr double kHeight = 420;
constexpr double kLeft = 56;
constexpr double kRight = 620;
constexpr double kTop = 72;
constexpr double kBottom = 372;

// Okabe and Ito's colours, which colour-blind readers tell apart.
constexpr const char* kColours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"};

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

// From values to pixels.
struct Axes {
  double x_low = 0, x_high = 1, y_low = 0;  // y ends at 1

  double X(double x) const { return kLeft + (x - x_low) / (x_high - x_low) * (kRight - kLeft); }
  double Y(double y) const { return kBottom - (y - y_low) / (1 - y_low) * (kBottom - kTop); }
};

Axes AxesOf(const QualityPlot& plot) {
  double lowest = .9;
  double fewest = 1;
  double most = 1;
  const auto cover = [&](const PlotPoint& point) {
    lowest = std::min({lowest, point.y, point.interval.low});
    fewest = std::min(fewest, point.x);
    most = std::max(most, point.x);
  };
  for (const PlotSeries& series : plot.series) {
    std::for_each(series.line.begin(), series.line.end(), cover);
    if (series.mark.has_value()) cover(*series.mark);
  }
  constexpr double kMargin = .25;  // searches
  return {fewest - kMargin, most + kMargin, std::max(0.0, std::floor(lowest * 10) / 10)};
}

void AddText(std::string& svg, double x, double y, std::string_view anchor,
             const std::string& text) {
  absl::StrAppendFormat(&svg, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\">%s</text>\n", x, y,
                        anchor, Escaped(text));
}

void AddGrid(std::string& svg, const Axes& axes, const std::string& x_label) {
  for (int tenth = static_cast<int>(std::lround(axes.y_low * 10)); tenth <= 10; ++tenth) {
    const double y = axes.Y(tenth / 10.0);
    absl::StrAppendFormat(
        &svg, "<line class=\"grid\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n", kLeft, y,
        kRight, y);
    AddText(svg, kLeft - 8, y + 4, "end", absl::StrFormat("%.1f", tenth / 10.0));
  }
  for (int x = static_cast<int>(std::ceil(axes.x_low)); x <= axes.x_high; ++x) {
    absl::StrAppendFormat(
        &svg, "<line class=\"tick\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n", axes.X(x),
        kBottom, axes.X(x), kBottom + 5);
    AddText(svg, axes.X(x), kBottom + 20, "middle", absl::StrFormat("%d", x));
  }
  AddText(svg, (kLeft + kRight) / 2, kHeight - 10, "middle", x_label);
}

void AddInterval(std::string& svg, const Axes& axes, const PlotPoint& point) {
  if (point.interval.high <= point.interval.low) return;
  absl::StrAppendFormat(
      &svg, "<line class=\"interval\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n",
      axes.X(point.x), axes.Y(point.interval.low), axes.X(point.x), axes.Y(point.interval.high));
}

std::string Values(const std::string& name, const PlotPoint& point) {
  return Escaped(absl::StrFormat("%s: %.3f (%.3f to %.3f) after %.2f searches", name, point.y,
                                 point.interval.low, point.interval.high, point.x));
}

void AddSeries(std::string& svg, const Axes& axes, const PlotSeries& series, const char* colour,
               const std::string& mark_name) {
  absl::StrAppendFormat(&svg, "<g stroke=\"%s\" fill=\"%s\">\n<polyline fill=\"none\" points=\"",
                        colour, colour);
  for (const PlotPoint& point : series.line)
    absl::StrAppendFormat(&svg, "%s%.2f,%.2f", &point == &series.line.front() ? "" : " ",
                          axes.X(point.x), axes.Y(point.y));
  svg += "\"/>\n";
  for (const PlotPoint& point : series.line) {
    AddInterval(svg, axes, point);
    absl::StrAppendFormat(&svg,
                          "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4\"><title>%s</title></circle>\n",
                          axes.X(point.x), axes.Y(point.y), Values(series.name, point));
  }
  if (series.mark.has_value()) {
    AddInterval(svg, axes, *series.mark);
    const double x = axes.X(series.mark->x);
    const double y = axes.Y(series.mark->y);
    constexpr double kReach = 8;
    absl::StrAppendFormat(&svg,
                          "<polygon class=\"mark\" points=\"%.2f,%.2f %.2f,%.2f %.2f,%.2f "
                          "%.2f,%.2f\"><title>%s</title>"
                          "</polygon>\n",
                          x - kReach, y, x, y - kReach, x + kReach, y, x, y + kReach,
                          Values(series.name + ", " + mark_name, *series.mark));
  }
  svg += "</g>\n";
}

void AddLegend(std::string& svg, const QualityPlot& plot) {
  constexpr double kEntry = 140;
  constexpr double kY = 48;
  double x = kLeft;
  for (size_t i = 0; i < plot.series.size(); ++i, x += kEntry) {
    absl::StrAppendFormat(&svg, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4\" fill=\"%s\"/>\n", x + 4,
                          kY - 4, kColours[i % std::size(kColours)]);
    AddText(svg, x + 14, kY, "start", plot.series[i].name);
  }
  absl::StrAppendFormat(
      &svg, "<polygon points=\"%.2f,%.2f %.2f,%.2f %.2f,%.2f %.2f,%.2f\" fill=\"#555\"/>\n", x - 4,
      kY - 4, x + 4, kY - 12, x + 12, kY - 4, x + 4, kY + 4);
  AddText(svg, x + 18, kY, "start", plot.mark_name);
}

}  // namespace

std::string ToSvg(const QualityPlot& plot) {
  const Axes axes = AxesOf(plot);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
      "font-family=\"sans-serif\" "
      "font-size=\"13\" fill=\"#222\">\n"
      "<style>.grid{stroke:#ddd}.tick{stroke:#222}.interval{stroke-width:1.5;stroke-opacity:.45}"
      "polyline{stroke-width:2}.mark{stroke:#fff;stroke-width:1.5}</style>\n"
      "<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n",
      kWidth, kHeight, kWidth, kHeight);
  absl::StrAppendFormat(
      &svg, "<text x=\"%.2f\" y=\"24\" font-size=\"15\" font-weight=\"bold\">%s</text>\n", kLeft,
      Escaped(plot.title));
  AddLegend(svg, plot);
  AddGrid(svg, axes, plot.x_label);
  for (size_t i = 0; i < plot.series.size(); ++i)
    AddSeries(svg, axes, plot.series[i], kColours[i % std::size(kColours)], plot.mark_name);
  svg += "</svg>\n";
  return svg;
}

}  // namespace foraker::agent
