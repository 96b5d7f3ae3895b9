// The arithmetic that a pass cannot do without, counted: what a device's speed is stated by.
//
// Pure functions of plain values.

#ifndef FORAKER_RANKER_DECODER_OPERATIONS_H_
#define FORAKER_RANKER_DECODER_OPERATIONS_H_

#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/device.h"
#include "ranker/decoder/pass.h"

namespace foraker::ranker {

// Floating-point operations; a multiplication and an addition are two. Norms, rotations, softmax
// and activations, a few for each element of a row, are not counted.
struct Operations {
  double products = 0;  // with weights
  double attention =
      0;  // queries x keys, and probabilities x values, where the mask lets them meet

  double total() const { return products + attention; }
};

Operations CountOperations(const DecoderConfig& config, const WantedLayers& layers,
                           const Pass& pass);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_OPERATIONS_H_
