#include "model/encoder/sparse_encoder.h"

#include <xxhash.h>

#include <exception>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/encoder/model_layout.h"
#include "model/encoder/network.h"
#include "model/encoder/sparse_head.h"
#include "model/encoder/text_pack.h"
#include "model/encoder/transformer.h"
#include "model/tokenizer/wordpiece.h"
#include "model/weights/weights.h"

namespace foraker::model {
namespace {

// Rows of a pass. Whole texts fill it; a longer one makes a pass of its own.
constexpr size_t kPackRows = 512;

std::string FingerprintOf(const Weights& weights, const EncoderConfig& c) {
  const std::string text = absl::StrFormat(
      "%s %d %d %d %d %d %d %d %d %d %.9g %.17g %.17g %d %.9g", weights.Fingerprint(),
      static_cast<int>(c.architecture), c.vocabulary, c.hidden, c.layers, c.heads, c.intermediate,
      c.max_tokens, c.token_types, static_cast<int>(c.activation), c.layer_norm_epsilon,
      c.rope_theta, c.rope_ntk_factor, c.double_log ? 1 : 0, c.prune_ratio);
  return absl::StrFormat("%016x", XXH3_64bits(text.data(), text.size()));
}

// A model may have more outputs than its tokenizer has tokens: they are no terms, nor are the
// special tokens.
std::vector<uint8_t> TermsOf(const WordPiece& tokenizer, const EncoderConfig& config) {
  std::vector<uint8_t> is_term(config.vocabulary, 0);
  for (uint32_t id = 0; id < config.vocabulary && id < tokenizer.vocabulary_size(); ++id) {
    is_term[id] = tokenizer.IsSpecial(id) ? 0 : 1;
  }
  return is_term;
}

struct Parts {
  Parts(const EncoderConfig& with_config, Precision with_precision, Network& network,
        std::vector<uint8_t> is_term, const Kernels& with_kernels)
      : config(with_config),
        precision(with_precision),
        kernels(with_kernels),
        head(config, network, network.words, std::move(is_term), precision, kernels),
        transformer(config, network, precision, kernels) {}

  EncoderConfig config;
  Precision precision;
  const Kernels& kernels;
  uint32_t cls = 0;
  uint32_t sep = 0;
  std::string fingerprint;
  SparseHead head;  // before the transformer, which takes the words that the head may be tied to
  Transformer transformer;
};

class CpuSession final : public SparseEncoder::Session {
 public:
  explicit CpuSession(std::shared_ptr<const Parts> parts)
      : parts_(std::move(parts)),
        layers_(parts_->precision, parts_->kernels),
        head_(parts_->precision, parts_->kernels) {}

  absl::Status Encode(std::span<const std::span<const uint32_t>> texts,
                      std::vector<std::vector<LearnedTerm>>& terms) override {
    for (size_t i = 0; i < texts.size(); ++i) {
      RETURN_IF_ERROR(base::Annotate(Check(texts[i]), absl::StrCat("text ", i)));
    }
    terms.resize(texts.size());
    for (std::vector<LearnedTerm>& vector : terms) vector.clear();
    try {
      const OneThread one_thread;
      Waiting waiting;
      for (size_t i = 0; i < texts.size(); ++i) {
        if (!texts[i].empty()) waiting.emplace(texts[i].size() + 2, i);
      }
      while (!waiting.empty()) {
        FillPack(texts, waiting);
        parts_->transformer.Run(pack_, layers_);
        parts_->head.Run(layers_.states, pack_, layers_.linear, head_, terms);
      }
    } catch (const std::exception& error) {  // oneDNN's, and memory
      return absl::InternalError(absl::StrCat("encoding a text: ", error.what()));
    }
    return absl::OkStatus();
  }

 private:
  using Waiting = std::multimap<size_t, size_t>;  // rows of a text, its index in the call

  absl::Status Check(std::span<const uint32_t> text) const {
    const EncoderConfig& config = parts_->config;
    if (text.size() + 2 > config.max_tokens) {
      return absl::InvalidArgumentError(
          absl::StrCat(text.size(), " tokens, expected at most ", config.max_tokens - 2));
    }
    for (const uint32_t id : text) {
      if (id < config.vocabulary) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("token ", id, ", expected below ", config.vocabulary));
    }
    return absl::OkStatus();
  }

  // The longest text first, then always the longest that still fits: the fuller the packs, the
  // fewer times weights are read.
  void FillPack(std::span<const std::span<const uint32_t>> texts, Waiting& waiting) {
    pack_.ids.clear();
    pack_.texts.clear();
    for (auto next = std::prev(waiting.end());;) {
      const std::span<const uint32_t> text = texts[next->second];
      const size_t begin = pack_.ids.size();
      pack_.ids.push_back(parts_->cls);
      pack_.ids.insert(pack_.ids.end(), text.begin(), text.end());
      pack_.ids.push_back(parts_->sep);
      pack_.texts.push_back({begin, pack_.ids.size(), next->second});
      waiting.erase(next);
      if (pack_.rows() >= kPackRows) return;
      next = waiting.upper_bound(kPackRows - pack_.rows());
      if (next == waiting.begin()) return;
      --next;
    }
  }

  std::shared_ptr<const Parts> parts_;
  TextPack pack_;
  TransformerScratch layers_;
  SparseHeadScratch head_;
};

class CpuEncoder final : public SparseEncoder {
 public:
  explicit CpuEncoder(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::unique_ptr<Session> NewSession() const override {
    return std::make_unique<CpuSession>(parts_);
  }
  const EncoderConfig& config() const override { return parts_->config; }
  uint32_t max_tokens() const override { return parts_->config.max_tokens; }
  Precision precision() const override { return parts_->precision; }
  std::string Fingerprint() const override { return parts_->fingerprint; }

 private:
  std::shared_ptr<const Parts> parts_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const SparseEncoder>> SparseEncoder::Open(
    const std::string& directory, Precision precision) {
  if (!Supports(precision)) {
    return absl::FailedPreconditionError(
        "int8 needs a processor with VNNI (avx512_vnni or avx_vnni); use f32");
  }
  ASSIGN_OR_RETURN(const EncoderConfig config, ReadEncoderConfig(directory));
  ASSIGN_OR_RETURN(const ModelLayout layout, FindModelLayout(directory));
  ASSIGN_OR_RETURN(const auto tokenizer, WordPiece::Open(layout.transformer));
  if (tokenizer->cls() >= config.vocabulary || tokenizer->sep() >= config.vocabulary) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory, ": the tokenizer's [CLS] or [SEP] is beyond the model's ",
                     config.vocabulary, " tokens"));
  }
  ASSIGN_OR_RETURN(const auto weights, Weights::Open(layout.transformer));
  ASSIGN_OR_RETURN(Network network, LoadNetwork(*weights, config));
  try {
    const OneThread one_thread;
    auto parts = std::make_shared<Parts>(config, precision, network, TermsOf(*tokenizer, config),
                                         BestKernels());
    parts->cls = tokenizer->cls();
    parts->sep = tokenizer->sep();
    parts->fingerprint = FingerprintOf(*weights, config);
    return std::make_shared<const CpuEncoder>(std::move(parts));
  } catch (const std::exception& error) {  // oneDNN's, and memory
    return absl::InternalError(absl::StrCat(directory, ": ", error.what()));
  }
}

}  // namespace foraker::model
