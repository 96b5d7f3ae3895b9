// Quality against its price as an SVG picture: a line a metric over fixed numbers of searches, and
// on each a mark where the learned stop ends up. No scripts, no fonts of its own; each point tells
// its values when pointed at.
//
// Pure. Texts are escaped; numbers are written with two decimals, so the same plot gives the same
// bytes.

#ifndef FORAKER_AGENT_EVAL_QUALITY_PLOT_H_
#define FORAKER_AGENT_EVAL_QUALITY_PLOT_H_

#include <optional>
#include <string>
#include <vector>

#include "agent/eval/bootstrap.h"

namespace foraker::agent {

struct PlotPoint {
  double x = 0;  // searches
  double y = 0;  // in [0, 1]
  Interval interval;
};

struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> line;
  std::optional<PlotPoint> mark;
};

struct QualityPlot {
  std::string title;
  std::string x_label;
  std::string mark_name;  // what the marks are
  std::vector<PlotSeries> series;
};

std::string ToSvg(const QualityPlot& plot);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_QUALITY_PLOT_H_
