#include "retrieval/encoder_store.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/status.h"
#include "retrieval/loaded_encoder.h"

namespace foraker::retrieval {
namespace {

constexpr char kSeparator = '-';

std::string Joined(const LoadedEncoder& encoder) {
  return absl::StrCat(encoder.model->Fingerprint(), std::string(1, kSeparator),
                      encoder.table->Fingerprint());
}

std::string FolderOf(const std::string& data_dir) { return absl::StrCat(data_dir, "/encoders"); }

std::string ModelPart(const std::string& fingerprint) {
  return fingerprint.substr(0, fingerprint.find(kSeparator));
}

std::string TablePart(const std::string& fingerprint) {
  const size_t separator = fingerprint.find(kSeparator);
  return separator == std::string::npos ? std::string() : fingerprint.substr(separator + 1);
}

absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.message()));
  }
  return absolute.lexically_normal().string();
}

}  // namespace

class EncoderStore::State {
 public:
  explicit State(const std::string& data_dir) : folder_(FolderOf(data_dir)) {}

  // Reads what the settings name, and fills in what they left open.
  absl::StatusOr<LoadedEncoder> Load(DocumentSide& settings) {
    ASSIGN_OR_RETURN(settings.encoder, AbsolutePath(settings.encoder));
    if (!settings.encoder_idf.empty()) {
      ASSIGN_OR_RETURN(settings.encoder_idf, AbsolutePath(settings.encoder_idf));
    }
    ASSIGN_OR_RETURN(LoadedEncoder encoder, LoadEncoder(settings));
    settings.precision = encoder.model->precision() == model::Precision::kInt8
                             ? EncoderPrecision::kInt8
                             : EncoderPrecision::kF32;
    settings.encoder_fingerprint = Joined(encoder);
    const base::MutexLock lock(&models_mutex_);
    models_[{encoder.model->Fingerprint(), encoder.model->precision()}] = encoder.model;
    return encoder;
  }

  absl::Status Save(const model::QueryTable& table, const std::string& fingerprint) {
    const base::MutexLock lock(&tables_mutex_);
    const std::string path = absl::StrCat(folder_, "/", fingerprint);
    if (base::FileExists(path)) return absl::OkStatus();
    const std::string unfinished = absl::StrCat(path, base::ToAbsl(base::kUnfinishedSuffix));
    RETURN_IF_ERROR(base::RemoveTree(unfinished));
    RETURN_IF_ERROR(base::CreateDirectories(unfinished));
    RETURN_IF_ERROR(table.Save(unfinished));
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
      return base::SystemError("cannot rename", unfinished);
    }
    return base::SyncDirectory(folder_);
  }

  absl::StatusOr<std::shared_ptr<const model::QueryTable>> Table(const std::string& fingerprint) {
    const base::MutexLock lock(&tables_mutex_);
    std::shared_ptr<const model::QueryTable>& table = tables_[fingerprint];
    if (table == nullptr) {
      ASSIGN_OR_RETURN(table, OpenTable(absl::StrCat(folder_, "/", fingerprint), fingerprint));
    }
    return table;
  }

  static absl::StatusOr<std::shared_ptr<const model::QueryTable>> OpenTable(
      const std::string& directory, const std::string& fingerprint) {
    ASSIGN_OR_RETURN(std::shared_ptr<const model::QueryTable> table,
                     model::QueryTable::Open(directory, ""));
    if (table->Fingerprint() == TablePart(fingerprint)) return table;
    return absl::FailedPreconditionError(
        absl::StrCat(directory, ": expected the tokenizer and idf table ", TablePart(fingerprint),
                     " that the collection was made with, found ", table->Fingerprint()));
  }

  absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> Model(const DocumentSide& settings) {
    const base::MutexLock lock(&models_mutex_);
    const model::Precision precision = PrecisionOf(settings.precision);
    std::shared_ptr<const model::SparseEncoder>& model =
        models_[{ModelPart(settings.encoder_fingerprint), precision}];
    if (model != nullptr) return model;
    ASSIGN_OR_RETURN(const std::shared_ptr<const model::SparseEncoder> opened,
                     model::SparseEncoder::Open(settings.encoder, precision));
    if (opened->Fingerprint() != ModelPart(settings.encoder_fingerprint)) {
      return absl::FailedPreconditionError(absl::StrCat(
          settings.encoder, ": expected the model ", ModelPart(settings.encoder_fingerprint),
          " that the collection was made with, found ", opened->Fingerprint()));
    }
    model = opened;
    return model;
  }

 private:
  const std::string folder_;
  base::Mutex tables_mutex_;
  std::map<std::string, std::shared_ptr<const model::QueryTable>> tables_
      ABSL_GUARDED_BY(tables_mutex_);  // by fingerprint
  base::Mutex models_mutex_;
  std::map<std::pair<std::string, model::Precision>, std::shared_ptr<const model::SparseEncoder>>
      models_ ABSL_GUARDED_BY(models_mutex_);  // by the model's part of the fingerprint
};

EncoderStore::EncoderStore(std::string data_dir) : state_(std::make_unique<State>(data_dir)) {}
EncoderStore::~EncoderStore() = default;

absl::Status EncoderStore::Identify(DocumentSide& settings) {
  return IsNeural(settings) ? state_->Load(settings).status() : absl::OkStatus();
}

absl::Status EncoderStore::Adopt(DocumentSide& settings) {
  if (!IsNeural(settings)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const LoadedEncoder encoder, state_->Load(settings));
  return state_->Save(*encoder.table, settings.encoder_fingerprint);
}

absl::StatusOr<std::shared_ptr<const model::QueryTable>> EncoderStore::Table(
    const DocumentSide& settings) {
  return state_->Table(settings.encoder_fingerprint);
}

absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> EncoderStore::Model(
    const DocumentSide& settings) {
  return state_->Model(settings);
}

absl::Status EncoderStore::CopyTable(const std::string& from_data_dir,
                                     const DocumentSide& settings) {
  if (!IsNeural(settings)) return absl::OkStatus();
  const std::string& fingerprint = settings.encoder_fingerprint;
  ASSIGN_OR_RETURN(
      const auto table,
      State::OpenTable(absl::StrCat(FolderOf(from_data_dir), "/", fingerprint), fingerprint));
  return state_->Save(*table, fingerprint);
}

}  // namespace foraker::retrieval
