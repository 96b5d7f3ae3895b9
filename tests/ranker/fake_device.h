// A device whose passes a test stops, looks at and lets go on, layer by layer. It computes nothing
// but one number a document, from the document's own ids, so that scores of one list do not depend
// on others.
//
// Thread-safe: the test's thread controls, the scheduler's runs.

#ifndef FORAKER_TESTS_RANKER_FAKE_DEVICE_H_
#define FORAKER_TESTS_RANKER_FAKE_DEVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "ranker/decoder/decoder.h"
#include "ranker/decoder/device.h"
#include "ranker/prompt/prompt.h"

namespace foraker::ranker {

inline constexpr uint32_t kFakeVocabulary = 1'000'000;
inline constexpr uint32_t kFakePositions = 20'000;

// The tokens of each list of one pass.
using PassTokens = std::vector<uint32_t>;

class FakeDevice {
 public:
  // Passes stop before the next layer until Release; a pass that is stopped may be let go on alone.
  void Hold();
  void Release();
  void LetOneLayerPass();
  // Waits until a pass stands before a layer.
  void AwaitStop();

  void FailPasses(absl::Status status);  // from now on, as they begin
  void SetLayerTime(absl::Duration time);

  std::vector<PassTokens> passes() const;  // that began
  uint64_t layers() const;                 // that were run, of all passes

  // Of the device itself.
  absl::Status BeginPass(const Pass& pass);
  void RunLayer();

 private:
  mutable base::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t permits_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t layers_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  absl::Duration layer_time_ ABSL_GUARDED_BY(mutex_);
  std::vector<PassTokens> passes_ ABSL_GUARDED_BY(mutex_);
};

// A decoder of `layers` layers and a scoring one.
std::shared_ptr<const Decoder> MakeFakeDecoder(std::shared_ptr<FakeDevice> device, uint32_t layers);

// A prompt of `tokens` tokens: `documents` of them in one document each, ids from `first` on.
Prompt FakePrompt(uint32_t tokens, uint32_t documents, uint32_t first = 0);
// What the device gives for it.
std::vector<float> FakeScores(const Prompt& prompt);

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_FAKE_DEVICE_H_
