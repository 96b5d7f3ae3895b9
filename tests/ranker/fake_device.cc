#include "tests/ranker/fake_device.h"

#include <thread>
#include <utility>

namespace foraker::ranker {
namespace {

float ScoreOf(const std::vector<uint32_t>& ids, RowRange document) {
  float sum = 0;
  for (uint32_t row = document.begin; row < document.end; ++row) {
    sum += static_cast<float>(ids[row]);
  }
  return sum;
}

class FakePass : public DevicePass {
 public:
  explicit FakePass(std::shared_ptr<FakeDevice> device) : device_(std::move(device)) {}

  absl::Status Begin(const Pass& pass) override {
    pass_ = &pass;
    return device_->BeginPass(pass);
  }
  absl::Status ProjectAttention(uint32_t) override {
    device_->RunLayer();
    return absl::OkStatus();
  }
  absl::Status AttendInstructions(uint32_t) override { return absl::OkStatus(); }
  absl::Status AttendDocuments(uint32_t) override { return absl::OkStatus(); }
  absl::Status AttendQueries(uint32_t) override { return absl::OkStatus(); }
  absl::Status FinishAttention(uint32_t) override { return absl::OkStatus(); }
  absl::Status FeedForward(uint32_t) override { return absl::OkStatus(); }
  absl::Status ProjectSignals(uint32_t) override { return absl::OkStatus(); }
  absl::Status Score(uint32_t, std::vector<std::vector<float>>& scores) override {
    for (const PassList& list : pass_->lists) {
      std::vector<float>& of_list = scores.emplace_back();
      for (const RowRange document : list.documents) {
        of_list.push_back(ScoreOf(pass_->ids, document));
      }
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<float>> Hidden() override {
    return absl::UnimplementedError("a fake has no hidden states");
  }

 private:
  const std::shared_ptr<FakeDevice> device_;
  const Pass* pass_ = nullptr;
};

class FakeModel : public DeviceModel {
 public:
  explicit FakeModel(std::shared_ptr<FakeDevice> device) : device_(std::move(device)) {}
  std::unique_ptr<DevicePass> NewPass() const override {
    return std::make_unique<FakePass>(device_);
  }
  size_t weight_bytes() const override { return 0; }

 private:
  const std::shared_ptr<FakeDevice> device_;
};

}  // namespace

void FakeDevice::Hold() {
  base::MutexLock lock(&mutex_);
  held_ = true;
}

void FakeDevice::Release() {
  base::MutexLock lock(&mutex_);
  held_ = false;
}

void FakeDevice::LetOneLayerPass() {
  base::MutexLock lock(&mutex_);
  ++permits_;
  stopped_ = false;
}

void FakeDevice::AwaitStop() {
  base::MutexLock lock(&mutex_);
  mutex_.Await([this] {
    mutex_.AssertHeld();
    return stopped_;
  });
}

void FakeDevice::FailPasses(absl::Status status) {
  base::MutexLock lock(&mutex_);
  failure_ = std::move(status);
}

void FakeDevice::SetLayerTime(absl::Duration time) {
  base::MutexLock lock(&mutex_);
  layer_time_ = time;
}

std::vector<PassTokens> FakeDevice::passes() const {
  base::MutexLock lock(&mutex_);
  return passes_;
}

uint64_t FakeDevice::layers() const {
  base::MutexLock lock(&mutex_);
  return layers_;
}

absl::Status FakeDevice::BeginPass(const Pass& pass) {
  base::MutexLock lock(&mutex_);
  PassTokens& tokens = passes_.emplace_back();
  for (const PassList& list : pass.lists) {
    tokens.push_back(list.query.end - list.instruction.begin);
  }
  return failure_;
}

void FakeDevice::RunLayer() {
  absl::Duration time;
  {
    base::MutexLock lock(&mutex_);
    if (held_) {
      stopped_ = true;
      mutex_.Await([this] {
        mutex_.AssertHeld();
        return !held_ || permits_ > 0;
      });
      stopped_ = false;
      if (permits_ > 0) --permits_;
    }
    ++layers_;
    time = layer_time_;
  }
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(time));
}

std::shared_ptr<const Decoder> MakeFakeDecoder(std::shared_ptr<FakeDevice> device,
                                               uint32_t layers) {
  DecoderConfig config;
  config.layers = layers + 1;
  config.vocabulary = kFakeVocabulary;
  config.max_positions = kFakePositions;
  return std::make_shared<const Decoder>(config, WantedLayers{.layers = layers, .scoring = layers},
                                         std::make_unique<const FakeModel>(std::move(device)));
}

Prompt FakePrompt(uint32_t tokens, uint32_t documents, uint32_t first) {
  Prompt prompt;
  for (uint32_t i = 0; i < tokens; ++i) prompt.ids.push_back(first + i);
  for (uint32_t end = tokens - documents - 1; end < tokens; ++end) prompt.block_ends.push_back(end);
  prompt.block_ends.push_back(tokens);
  prompt.signals = {tokens - 1};
  return prompt;
}

std::vector<float> FakeScores(const Prompt& prompt) {
  std::vector<float> scores;
  for (size_t d = 0; d < prompt.documents(); ++d) {
    scores.push_back(ScoreOf(prompt.ids, {prompt.block_ends[d], prompt.block_ends[d + 1]}));
  }
  return scores;
}

}  // namespace foraker::ranker
