// A config.json as Hugging Face writes it, for the three architectures that are known: sizes and
// options of the transformer; the sparse head's settings are left as they are by default.
//
// Keys that change nothing at inference (dropout, initialisation, caches) are passed over; keys
// that change results are understood or refused. Function of its argument. Errors:
// kInvalidArgument naming file, key and what was expected.

#ifndef FORAKER_MODEL_ENCODER_TRANSFORMER_CONFIG_H_
#define FORAKER_MODEL_ENCODER_TRANSFORMER_CONFIG_H_

#include "absl/status/statusor.h"
#include "model/encoder/encoder_config.h"
#include "model/json/json_object.h"

namespace foraker::model {

absl::StatusOr<EncoderConfig> ParseTransformerConfig(const JsonObject& json);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_TRANSFORMER_CONFIG_H_
