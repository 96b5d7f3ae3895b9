#include "retrieval/loaded_encoder.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::retrieval {

model::Precision PrecisionOf(EncoderPrecision precision) {
  switch (precision) {
    case EncoderPrecision::kF32:
      return model::Precision::kF32;
    case EncoderPrecision::kInt8:
      return model::Precision::kInt8;
    case EncoderPrecision::kAuto:
      break;
  }
  return model::Supports(model::Precision::kInt8) ? model::Precision::kInt8
                                                  : model::Precision::kF32;
}

absl::StatusOr<LoadedEncoder> LoadEncoder(const DocumentSide& settings) {
  std::error_code error;
  if (!std::filesystem::is_directory(settings.encoder, error)) {
    return absl::NotFoundError(absl::StrFormat(
        "encoder %s: expected bm25 or the directory of a model, found none", settings.encoder));
  }
  LoadedEncoder encoder;
  ASSIGN_OR_RETURN(encoder.table, model::QueryTable::Open(settings.encoder, settings.encoder_idf));
  ASSIGN_OR_RETURN(encoder.model,
                   model::SparseEncoder::Open(settings.encoder, PrecisionOf(settings.precision)));
  const uint32_t tokens = encoder.table->tokenizer().vocabulary_size();
  const uint32_t known = encoder.model->config().vocabulary;
  if (tokens > known) {
    return absl::InvalidArgumentError(
        absl::StrFormat("encoder %s: the tokenizer has %d tokens, the model knows %d",
                        settings.encoder, tokens, known));
  }
  return encoder;
}

}  // namespace foraker::retrieval
