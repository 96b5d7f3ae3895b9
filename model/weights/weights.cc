#include "model/weights/weights.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/float16.h"
#include "base/mapped_file.h"
#include "base/status.h"
#include "model/weights/safetensors.h"

namespace foraker::model {
namespace {

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kShardIndex = "model.safetensors.index.json";
constexpr std::string_view kScaleSuffix = "_scale";
constexpr size_t kNamedLeftovers = 5;

// Little-endian elements of type Raw, each through `convert`.
template <typename Raw, typename Convert>
void ConvertAll(std::span<const std::byte> bytes, Convert convert, std::vector<float>& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    Raw raw;
    std::memcpy(&raw, bytes.data() + i * sizeof(Raw), sizeof(Raw));
    out[i] = convert(raw);
  }
}

// Nothing for a type that holds no weights.
std::optional<std::vector<float>> ToFloat(const TensorView& tensor) {
  std::vector<float> values(tensor.elements());
  switch (tensor.type) {
    case DataType::kF32:
      if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
      return values;
    case DataType::kF16:
      ConvertAll<base::Float16Bits>(tensor.bytes, base::Float16ToFloat, values);
      return values;
    case DataType::kBF16:
      ConvertAll<uint16_t>(
          tensor.bytes, [](uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); },
          values);
      return values;
    case DataType::kI8:
      ConvertAll<int8_t>(
          tensor.bytes, [](int8_t value) { return static_cast<float>(value); }, values);
      return values;
    default:
      return std::nullopt;
  }
}

class MappedWeights : public Weights {
 public:
  absl::Status AddFile(const std::string& directory, const std::string& name) {
    const std::string path = directory + "/" + name;
    ASSIGN_OR_RETURN(base::MappedFile file, base::MappedFile::Open(path));
    ASSIGN_OR_RETURN(const TensorMap tensors, ParseSafetensors(file.bytes(), path));
    for (const auto& [tensor, view] : tensors) {
      const auto [placed, added] = tensors_.try_emplace(tensor, Placed{view, path});
      if (!added) {
        return absl::InvalidArgumentError(
            absl::StrFormat("%s: tensor %s: expected in one file, but %s has it too", path, tensor,
                            placed->second.path));
      }
    }
    files_.emplace(name, std::move(file));
    return absl::OkStatus();
  }

  // The shards hold what the index says, no less and no more.
  absl::Status CheckIndex(const std::map<std::string, std::string>& index,
                          const std::string& directory, const std::string& index_path) const {
    for (const auto& [tensor, name] : index) {
      const auto found = tensors_.find(tensor);
      if (found == tensors_.end() || found->second.path != directory + "/" + name) {
        return absl::InvalidArgumentError(absl::StrFormat(
            "%s: tensor %s: expected in %s, which lacks it", index_path, tensor, name));
      }
    }
    for (const auto& [tensor, placed] : tensors_) {
      if (!index.contains(tensor)) {
        return absl::InvalidArgumentError(
            absl::StrFormat("%s: tensor %s: expected in the index %s, which lacks it", placed.path,
                            tensor, index_path));
      }
    }
    return absl::OkStatus();
  }

  void set_place(std::string place) { place_ = std::move(place); }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, placed] : tensors_) names.push_back(name);
    return names;
  }

  const TensorView* Find(std::string_view name) const override {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second.tensor;
  }

  absl::StatusOr<std::vector<float>> Take(std::string_view name,
                                          std::span<const uint64_t> shape) override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
      return absl::InvalidArgumentError(absl::StrFormat("%s: tensor %s: missing, expected shape %s",
                                                        place_, name, ShapeText(shape)));
    }
    const TensorView& tensor = found->second.tensor;
    if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
      return Unexpected(name, absl::StrFormat("shape %s", ShapeText(shape)), tensor.ShapeText());
    }
    std::optional<std::vector<float>> values = ToFloat(tensor);
    if (!values) return Unexpected(name, "type F32, F16, BF16 or I8", DataTypeName(tensor.type));
    if (tensor.type == DataType::kI8) RETURN_IF_ERROR(Scale(name, tensor, *values));
    if (!std::all_of(values->begin(), values->end(), [](float v) { return std::isfinite(v); })) {
      return Unexpected(name, "finite values", "infinity or NaN");
    }
    Ignore(name);
    return std::move(*values);
  }

  void Ignore(std::string_view name) override { taken_.emplace(name); }

  absl::Status CheckAllTaken() const override {
    std::vector<std::string> left;
    for (const auto& [name, placed] : tensors_) {
      if (!taken_.contains(name)) left.push_back(name);
    }
    if (left.empty()) return absl::OkStatus();
    const size_t count = left.size();
    left.resize(std::min(count, kNamedLeftovers));
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected no tensors besides the architecture's, got %d: %s%s", place_,
                        count, absl::StrJoin(left, ", "), count > left.size() ? ", ..." : ""));
  }

  std::string Fingerprint() const override {
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    XXH3_64bits_reset(state.get());
    for (const auto& [name, file] : files_) {
      XXH3_64bits_update(state.get(), file.bytes().data(), file.bytes().size());
    }
    return absl::StrFormat("%016x", XXH3_64bits_digest(state.get()));
  }

 private:
  struct Placed {
    TensorView tensor;
    std::string path;  // of its file
  };

  absl::Status Unexpected(std::string_view name, std::string_view expected,
                          std::string_view got) const {
    return absl::InvalidArgumentError(absl::StrFormat("%s: tensor %s: expected %s, got %s",
                                                      tensors_.find(name)->second.path, name,
                                                      expected, got));
  }

  // By the tensor's scale, where there is one: a single one or one a row.
  absl::Status Scale(std::string_view name, const TensorView& tensor, std::vector<float>& values) {
    const std::string scale_name = std::string(name) + std::string(kScaleSuffix);
    const TensorView* scale = Find(scale_name);
    if (scale == nullptr) return absl::OkStatus();
    const uint64_t rows = tensor.shape.empty() ? 1 : tensor.shape[0];
    const uint64_t count = scale->shape == std::vector<uint64_t>{1} ? 1 : rows;
    ASSIGN_OR_RETURN(const std::vector<float> factors, Take(scale_name, {{count}}));
    if (values.empty()) return absl::OkStatus();
    const uint64_t run = values.size() / count;  // values that share a factor
    for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / run];
    return absl::OkStatus();
  }

  std::string place_;                              // the single file or the index, for messages
  std::map<std::string, base::MappedFile> files_;  // by name
  std::map<std::string, Placed, std::less<>> tensors_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Weights>> Weights::Open(const std::string& directory) {
  auto weights = std::make_unique<MappedWeights>();
  const std::string single = absl::StrFormat("%s/%s", directory, kSingleFile);
  const std::string index_path = absl::StrFormat("%s/%s", directory, kShardIndex);
  if (base::FileExists(single)) {
    weights->set_place(single);
    RETURN_IF_ERROR(weights->AddFile(directory, std::string(kSingleFile)));
    return weights;
  }
  if (!base::FileExists(index_path)) {
    return absl::NotFoundError(
        absl::StrFormat("%s: expected a file %s or %s", directory, kSingleFile, kShardIndex));
  }
  weights->set_place(index_path);
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(index_path));
  ASSIGN_OR_RETURN(const auto index, ParseShardIndex(text, index_path));
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index) shards.insert(shard);
  for (const std::string& shard : shards) RETURN_IF_ERROR(weights->AddFile(directory, shard));
  RETURN_IF_ERROR(weights->CheckIndex(index, directory, index_path));
  return weights;
}

}  // namespace foraker::model
