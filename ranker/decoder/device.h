// What a device does for the decoder: one folder a device (cpu/), nothing outside it knows which.
//
// A DeviceModel owns the weights in the device's own layout; it is immutable and shared by threads.
// A DevicePass owns the scratch memory of one pass after the other (it grows to the largest) and
// serves one caller at a time. Its steps are those of a decoder layer, coarse enough that a device
// can fuse inside one, and come in this order:
//
//   Begin(pass)                                  hidden = embeddings
//   for each layer below the scoring layer:
//     ProjectAttention   x = norm(hidden); q, k, v = x W^T; head norms; rotary
//     AttendInstructions, AttendDocuments, AttendQueries
//     FinishAttention    hidden += attention W_out^T
//     FeedForward        hidden += down(silu(gate(norm(hidden))) * up(norm(hidden)))
//   ProjectSignals       keys of what the softmax runs over, queries of the signal tokens; no more
//   Score                their attention, reduced to a number a document (scoring.h)
//
// A list's rows and scores are the same bits whatever other lists share the pass, and whatever the
// number of threads. Errors: kResourceExhausted when memory is short; kInternal for a device's own.

#ifndef FORAKER_RANKER_DECODER_DEVICE_H_
#define FORAKER_RANKER_DECODER_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/pass.h"
#include "ranker/decoder/weight_source.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

using Precision = retrieval::RankPrecision;

class DevicePass {
 public:
  virtual ~DevicePass() = default;

  // `pass` must outlive the steps. Ids are below the vocabulary's size.
  virtual absl::Status Begin(const Pass& pass) = 0;
  virtual absl::Status ProjectAttention(uint32_t layer) = 0;
  virtual absl::Status AttendInstructions(uint32_t layer) = 0;
  virtual absl::Status AttendDocuments(uint32_t layer) = 0;
  virtual absl::Status AttendQueries(uint32_t layer) = 0;
  virtual absl::Status FinishAttention(uint32_t layer) = 0;
  virtual absl::Status FeedForward(uint32_t layer) = 0;
  virtual absl::Status ProjectSignals(uint32_t layer) = 0;
  // scores[list][document]; a list without documents has none.
  virtual absl::Status Score(uint32_t layer, std::vector<std::vector<float>>& scores) = 0;

  // The hidden states as they are now, [rows, hidden]: for tests.
  virtual absl::StatusOr<std::vector<float>> Hidden() = 0;
};

class DeviceModel {
 public:
  virtual ~DeviceModel() = default;
  virtual std::unique_ptr<DevicePass> NewPass() const = 0;
  virtual size_t weight_bytes() const = 0;
};

struct DeviceOptions {
  Precision precision = Precision::kF32;
  uint32_t threads = 1;  // of a pass
};

// What is taken from a source: whole layers [0, layers), and the part of one more that scores.
struct WantedLayers {
  uint32_t layers = 0;
  std::optional<uint32_t> scoring;
};

// The CPU (cpu/cpu_device.cc). kFailedPrecondition: the processor lacks what the precision needs.
absl::StatusOr<std::unique_ptr<DeviceModel>> LoadCpuModel(const DecoderConfig& config,
                                                          const WantedLayers& wanted,
                                                          WeightSource& weights,
                                                          const DeviceOptions& options);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_DEVICE_H_
