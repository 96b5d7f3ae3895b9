#include "tests/ranker/loaded_decoder.h"

#include <gtest/gtest.h>

#include <utility>

#include "base/status.h"
#include "model/json/json_object.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {
namespace {

absl::StatusOr<std::unique_ptr<const Decoder>> Load(const std::string& directory,
                                                    const WantedLayers& wanted,
                                                    const DeviceOptions& options) {
  ASSIGN_OR_RETURN(const model::JsonObject json,
                   model::JsonObject::Read(directory + "/config.json"));
  ASSIGN_OR_RETURN(const DecoderConfig config, ParseDecoderConfig(json));
  ASSIGN_OR_RETURN(const auto weights, OpenCheckpoint(directory, config));
  ASSIGN_OR_RETURN(auto model, LoadCpuModel(config, wanted, *weights, options));
  return std::make_unique<const Decoder>(config, wanted, std::move(model));
}

}  // namespace

std::unique_ptr<const Decoder> LoadDecoder(const std::string& directory, const WantedLayers& wanted,
                                           const DeviceOptions& options) {
  auto decoder = Load(directory, wanted, options);
  EXPECT_TRUE(decoder.ok()) << decoder.status();
  return decoder.ok() ? *std::move(decoder) : nullptr;
}

}  // namespace foraker::ranker
