// Decoders that `foraker bench rank` knows by name: shapes of published models, and one small
// enough to be measured often.
//
//   name         hidden  MLP     layers  heads / kv x width  vocabulary  parameters
//   tiny-100m    768     2,048   16      12 / 4 x 64         32,000      125 M (Llama, tied)
//   qwen3-0.6b   1,024   3,072   28      16 / 8 x 128        151,936     596 M (Qwen3-0.6B)
//   mistral-7b   4,096   14,336  32      32 / 8 x 128        32,768      7.2 G (Mistral-7B v0.3)

#ifndef FORAKER_SERVICES_CLI_RANK_SHAPES_H_
#define FORAKER_SERVICES_CLI_RANK_SHAPES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ranker/decoder/decoder_config.h"

namespace foraker::cli {

std::vector<std::string> RankShapeNames();

// kInvalidArgument: there is none of that name.
absl::StatusOr<ranker::DecoderConfig> RankShape(std::string_view name);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_RANK_SHAPES_H_
