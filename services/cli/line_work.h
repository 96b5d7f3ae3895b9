// Lines of JSON in, lines of JSON out, on several threads: in the order of the input, with memory
// for a few hundred kilobytes of lines a thread.
//
// Called by one thread, which writes the output. Errors: those of LineReader and of the workers;
// kInvalidArgument "FILE:LINE: ..." for the first bad line with `strict`, else bad lines are
// reported and counted; kCancelled after Ctrl-C.

#ifndef FORAKER_SERVICES_CLI_LINE_WORK_H_
#define FORAKER_SERVICES_CLI_LINE_WORK_H_

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/ingest/line_reader.h"

namespace foraker::cli {

// What one line became.
struct WorkedLine {
  std::string output;  // lines with their ends
  absl::Status error;  // kInvalidArgument: the line's fault; `output` is then empty
};

// Works for one thread.
class LineWorker {
 public:
  virtual ~LineWorker() = default;
  // Fills one a line. The status is what is no line's fault.
  virtual absl::Status Work(std::span<const retrieval::Line> lines,
                            std::span<WorkedLine> worked) = 0;
};

struct LineWorkOptions {
  std::vector<std::string> inputs;  // "-" is standard input
  uint32_t threads = 0;             // 0: one a core
  bool strict = false;
  const char* stage = "";  // for the progress bar
  const char* unit = "";
};

struct LineWorkResult {
  uint64_t lines = 0;
  uint64_t rejected = 0;
};

using MakeLineWorker = std::function<absl::StatusOr<std::unique_ptr<LineWorker>>()>;

absl::StatusOr<LineWorkResult> WorkLines(const LineWorkOptions& options,
                                         const MakeLineWorker& make_worker, std::FILE* output);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_LINE_WORK_H_
