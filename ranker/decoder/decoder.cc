#include "ranker/decoder/decoder.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"

namespace foraker::ranker {
namespace {

// Runs a step and adds what it took to `spent`.
template <typename Step>
absl::Status Timed(absl::Duration& spent, const Step& step) {
  const absl::Time start = absl::Now();
  absl::Status status = step();
  spent += absl::Now() - start;
  return status;
}

}  // namespace

absl::Duration StepTimes::total() const {
  return embed + project + instructions + documents + queries + out + feed_forward + score;
}

absl::Status Decoder::Check(const Pass& pass) const {
  for (size_t row = 0; row < pass.ids.size(); ++row) {
    if (pass.ids[row] >= config_.vocabulary) {
      return absl::InvalidArgumentError(absl::StrCat(
          "token ", pass.ids[row], ": the model's vocabulary ends at ", config_.vocabulary - 1));
    }
    if (pass.positions[row] >= config_.max_positions) {
      return absl::InvalidArgumentError(absl::StrCat("position ", pass.positions[row],
                                                     ": the model's positions end at ",
                                                     config_.max_positions - 1));
    }
  }
  return absl::OkStatus();
}

absl::Status Decoder::Runner::RunLayer(uint32_t layer) {
  RETURN_IF_ERROR(Timed(times_.project, [&] { return pass_->ProjectAttention(layer); }));
  RETURN_IF_ERROR(Timed(times_.instructions, [&] { return pass_->AttendInstructions(layer); }));
  RETURN_IF_ERROR(Timed(times_.documents, [&] { return pass_->AttendDocuments(layer); }));
  RETURN_IF_ERROR(Timed(times_.queries, [&] { return pass_->AttendQueries(layer); }));
  RETURN_IF_ERROR(Timed(times_.out, [&] { return pass_->FinishAttention(layer); }));
  return Timed(times_.feed_forward, [&] { return pass_->FeedForward(layer); });
}

absl::StatusOr<std::vector<std::vector<float>>> Decoder::Runner::Score(
    const Pass& pass, const std::function<bool()>& go_on) {
  if (!decoder_.layers_.scoring.has_value()) {
    return absl::FailedPreconditionError("the decoder was loaded without a scoring layer");
  }
  const uint32_t scoring = *decoder_.layers_.scoring;
  RETURN_IF_ERROR(decoder_.Check(pass));
  times_ = {};
  RETURN_IF_ERROR(Timed(times_.embed, [&] { return pass_->Begin(pass); }));
  for (uint32_t layer = 0; layer < scoring; ++layer) {
    if (go_on && !go_on()) return absl::CancelledError("nobody waits for the pass any more");
    RETURN_IF_ERROR(RunLayer(layer));
  }
  std::vector<std::vector<float>> scores;
  RETURN_IF_ERROR(Timed(times_.score, [&] { return pass_->ProjectSignals(scoring); }));
  RETURN_IF_ERROR(Timed(times_.score, [&] { return pass_->Score(scoring, scores); }));
  return scores;
}

absl::StatusOr<std::vector<float>> Decoder::Runner::Hidden(const Pass& pass, uint32_t layers) {
  if (layers > decoder_.layers_.layers) {
    return absl::InvalidArgumentError(
        absl::StrCat("layers: ", layers, "; only ", decoder_.layers_.layers, " are loaded"));
  }
  RETURN_IF_ERROR(decoder_.Check(pass));
  times_ = {};
  RETURN_IF_ERROR(pass_->Begin(pass));
  for (uint32_t layer = 0; layer < layers; ++layer) RETURN_IF_ERROR(RunLayer(layer));
  return pass_->Hidden();
}

}  // namespace foraker::ranker
