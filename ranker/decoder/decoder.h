// Runs passes through the layers of a device's model.
//
// Immutable, shared by threads; a Runner serves one thread and keeps its scratch memory.

#ifndef FORAKER_RANKER_DECODER_DECODER_H_
#define FORAKER_RANKER_DECODER_DECODER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ranker/decoder/device.h"

namespace foraker::ranker {

// Time spent in each step of a pass, over all layers.
struct StepTimes {
  absl::Duration embed, project, instructions, documents, queries, out, feed_forward, score;

  absl::Duration total() const;
};

class Decoder {
 public:
  class Runner {
   public:
    // Scores of each list's documents. `go_on` (may be null) is asked before every layer: false
    // ends the pass with kCancelled. kInvalidArgument: an id or position that the model lacks.
    absl::StatusOr<std::vector<std::vector<float>>> Score(const Pass& pass,
                                                          const std::function<bool()>& go_on);
    // The hidden states behind `layers` whole layers, [rows, hidden].
    absl::StatusOr<std::vector<float>> Hidden(const Pass& pass, uint32_t layers);

    const StepTimes& times() const { return times_; }  // of the last pass

   private:
    friend class Decoder;
    Runner(const Decoder& decoder, std::unique_ptr<DevicePass> pass)
        : decoder_(decoder), pass_(std::move(pass)) {}

    absl::Status RunLayer(uint32_t layer);

    const Decoder& decoder_;
    std::unique_ptr<DevicePass> pass_;
    StepTimes times_;
  };

  Decoder(const DecoderConfig& config, const WantedLayers& layers,
          std::unique_ptr<const DeviceModel> model)
      : config_(config), layers_(layers), model_(std::move(model)) {}

  // Outlived by the decoder.
  Runner NewRunner() const { return Runner(*this, model_->NewPass()); }

  // kInvalidArgument: an id or position that the model lacks. Score and Hidden check this first.
  absl::Status Check(const Pass& pass) const;

  const DecoderConfig& config() const { return config_; }
  size_t weight_bytes() const { return model_->weight_bytes(); }

 private:
  DecoderConfig config_;
  WantedLayers layers_;
  std::unique_ptr<const DeviceModel> model_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_DECODER_H_
