// A decoder of a model directory, loaded as the ranker loads it: ParseDecoderConfig,
// OpenCheckpoint, LoadCpuModel. For tests; an error fails the test and gives null.

#ifndef FORAKER_TESTS_RANKER_LOADED_DECODER_H_
#define FORAKER_TESTS_RANKER_LOADED_DECODER_H_

#include <memory>
#include <string>

#include "ranker/decoder/decoder.h"
#include "ranker/decoder/device.h"

namespace foraker::ranker {

std::unique_ptr<const Decoder> LoadDecoder(const std::string& directory, const WantedLayers& wanted,
                                           const DeviceOptions& options);

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_LOADED_DECODER_H_
