#include "services/cli/line_work.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/ingest/batch_build.h"
#include "services/cli/input_bytes.h"
#include "services/cli/interrupt.h"
#include "services/cli/line_errors.h"
#include "services/cli/progress_bar.h"

namespace foraker::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Lines of a group are worked on together by one thread; several groups a thread even out what some
// of them take longer.
constexpr size_t kGroupLines = 16;
constexpr size_t kBatchBytesPerThread = size_t{64} << 10;

class LineWork {
 public:
  LineWork(const LineWorkOptions& options, std::vector<std::unique_ptr<LineWorker>> workers,
           std::FILE* output)
      : options_(options),
        workers_(std::move(workers)),
        output_(output),
        total_bytes_(InputBytes(options.inputs)),
        errors_(progress_) {}

  absl::StatusOr<LineWorkResult> Run() {
    retrieval::LineReader reader(options_.inputs);
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<retrieval::LineBatch> batch,
                       reader.Next(kBatchBytesPerThread * workers_.size()));
      if (!batch.has_value()) break;
      RETURN_IF_ERROR(WorkBatch(batch->lines));
      RETURN_IF_ERROR(Print(batch->lines));
      ShowProgress(batch->bytes_consumed);
    }
    progress_.Clear();
    errors_.Finish();
    if (std::fflush(output_) != 0) return absl::UnavailableError("standard output is gone");
    return result_;
  }

 private:
  // Every worker takes the next group until none is left.
  absl::Status WorkBatch(std::span<const retrieval::Line> lines) {
    worked_.assign(lines.size(), {});
    std::atomic<size_t> next{0};
    std::vector<absl::Status> statuses(workers_.size());
    const auto work = [&](size_t worker) {
      while (statuses[worker].ok() && !StopRequested()) {
        const size_t begin = next.fetch_add(kGroupLines);
        if (begin >= lines.size()) return;
        const size_t count = std::min(kGroupLines, lines.size() - begin);
        statuses[worker] = workers_[worker]->Work(lines.subspan(begin, count),
                                                  std::span(worked_).subspan(begin, count));
      }
    };
    std::vector<std::thread> threads;
    for (size_t i = 1; i < workers_.size(); ++i) threads.emplace_back(work, i);
    work(0);
    for (std::thread& thread : threads) thread.join();
    if (StopRequested()) return absl::CancelledError("interrupted");
    for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
    return absl::OkStatus();
  }

  absl::Status Print(std::span<const retrieval::Line> lines) {
    for (size_t i = 0; i < lines.size(); ++i) {
      ++result_.lines;
      const WorkedLine& worked = worked_[i];
      if (!worked.error.ok()) {
        ++result_.rejected;
        const retrieval::LineError error{options_.inputs[lines[i].file], lines[i].number,
                                         std::string(worked.error.message())};
        if (options_.strict) return absl::InvalidArgumentError(error.ToString());
        errors_.Add(error);
      } else if (std::fwrite(worked.output.data(), 1, worked.output.size(), output_) !=
                 worked.output.size()) {
        return absl::UnavailableError("standard output is gone");
      }
    }
    return absl::OkStatus();
  }

  void ShowProgress(uint64_t bytes) {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double share =
        total_bytes_ == 0 ? -1 : static_cast<double>(bytes) / static_cast<double>(total_bytes_);
    progress_.Update(options_.stage, share, result_.lines, options_.unit,
                     static_cast<double>(result_.lines) / seconds, options_.unit);
  }

  const LineWorkOptions& options_;
  const std::vector<std::unique_ptr<LineWorker>> workers_;
  std::FILE* const output_;
  const uint64_t total_bytes_;
  const Clock::time_point start_ = Clock::now();
  ProgressBar progress_;
  LineErrorReport errors_;
  std::vector<WorkedLine> worked_;  // of the batch
  LineWorkResult result_;
};

}  // namespace

absl::StatusOr<LineWorkResult> WorkLines(const LineWorkOptions& options,
                                         const MakeLineWorker& make_worker, std::FILE* output) {
  const uint32_t threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<LineWorker>> workers(threads);
  for (std::unique_ptr<LineWorker>& worker : workers) {
    ASSIGN_OR_RETURN(worker, make_worker());
  }
  return LineWork(options, std::move(workers), output).Run();
}

}  // namespace foraker::cli
