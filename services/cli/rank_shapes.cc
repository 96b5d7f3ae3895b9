#include "services/cli/rank_shapes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_view.h"

namespace foraker::cli {
namespace {

using ranker::DecoderConfig;
using ranker::DecoderFamily;

struct NamedShape {
  std::string_view name;
  DecoderConfig config;
};

const NamedShape kShapes[] = {
    {"tiny-100m",
     {.family = DecoderFamily::kLlama,
      .hidden = 768,
      .intermediate = 2048,
      .layers = 16,
      .heads = 12,
      .kv_heads = 4,
      .head_width = 64,
      .vocabulary = 32'000,
      .max_positions = 32'768,
      .rope_scaling = {},
      .tied_embeddings = true}},
    {"qwen3-0.6b",
     {.family = DecoderFamily::kQwen3,
      .hidden = 1024,
      .intermediate = 3072,
      .layers = 28,
      .heads = 16,
      .kv_heads = 8,
      .head_width = 128,
      .vocabulary = 151'936,
      .max_positions = 40'960,
      .norm_epsilon = 1e-6f,
      .rope_theta = 1e6,
      .rope_scaling = {},
      .tied_embeddings = true,
      .has_head_norms = true}},
    {"mistral-7b",
     {.family = DecoderFamily::kMistral,
      .hidden = 4096,
      .intermediate = 14'336,
      .layers = 32,
      .heads = 32,
      .kv_heads = 8,
      .head_width = 128,
      .vocabulary = 32'768,
      .max_positions = 32'768,
      .rope_theta = 1e6,
      .rope_scaling = {}}},
};

}  // namespace

std::vector<std::string> RankShapeNames() {
  std::vector<std::string> names;
  for (const NamedShape& shape : kShapes) names.emplace_back(shape.name);
  return names;
}

absl::StatusOr<DecoderConfig> RankShape(std::string_view name) {
  for (const NamedShape& shape : kShapes) {
    if (shape.name == name) return shape.config;
  }
  return absl::InvalidArgumentError(absl::StrCat("shape ", base::ToAbsl(name), ": expected one of ",
                                                 absl::StrJoin(RankShapeNames(), ", ")));
}

}  // namespace foraker::cli
