#include "retrieval/ingest/build_plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "retrieval/ingest/new_settings.h"
#include "retrieval/ingest/settings_check.h"

namespace foraker::retrieval {
namespace {

absl::Status CheckOptions(const BatchBuildOptions& options) {
  RETURN_IF_ERROR(index::ValidateName("collection", options.collection));
  if (options.inputs.empty()) return absl::InvalidArgumentError("expected at least one input");
  if (std::count(options.inputs.begin(), options.inputs.end(), "-") > 1) {
    return absl::InvalidArgumentError("standard input (-) can be read only once");
  }
  if (options.shard.count == 0 || options.shard.index >= options.shard.count) {
    return absl::InvalidArgumentError(
        absl::StrFormat("expected a shard I/N with I from 0 to N - 1, got %d/%d",
                        options.shard.index, options.shard.count));
  }
  if (options.memory_bytes < kMinBuildMemory) {
    return absl::InvalidArgumentError(
        absl::StrFormat("expected at least %d MiB of memory, got %d bytes", kMinBuildMemory >> 20,
                        options.memory_bytes));
  }
  return absl::OkStatus();
}

// Where it is, how long it is and when it was written: "/a/b.jsonl (123 bytes, 1700000000.5)".
absl::StatusOr<std::string> DescribeInput(const std::string& input, BuildPlan& plan) {
  if (input == "-") {
    plan.reads_standard_input = true;
    return std::string("standard input");
  }
  struct stat info {};
  if (stat(input.c_str(), &info) != 0) return base::SystemError("cannot read", input);
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(input, ": expected a file, got a directory"));
  }
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(input, error);
  plan.input_bytes += static_cast<uint64_t>(info.st_size);
  return absl::StrFormat("%s (%d bytes, written %d.%09d)", error ? input : path.string(),
                         info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

// The defaults depend on the encoder, which the caller may set: the changes are asked for once to
// learn it, and then made.
CollectionSettings NewSettings(const BatchBuildOptions& options) {
  CollectionSettings settings =
      DefaultSettings(options.kind == InputKind::kVectors ? "vectors" : "bm25");
  if (!options.adjust_settings) return settings;
  CollectionSettings asked = settings;
  options.adjust_settings(asked);
  settings = DefaultSettings(asked.document.encoder);
  options.adjust_settings(settings);
  return settings;
}

absl::Status CheckKind(const DocumentSide& settings, InputKind kind) {
  const bool vectors = settings.encoder == "vectors";
  if (vectors == (kind == InputKind::kVectors)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      vectors ? "the collection holds imported vectors: expected vectors as input, not text"
              : absl::StrCat("the collection's encoder is ", settings.encoder,
                             ": expected text as input, not vectors"));
}

// Which encoder the changed settings of an existing collection name: where nothing else was asked
// for, the collection's, whose directory is then not looked at.
absl::Status IdentifyEncoder(const DocumentSide& stored, EncoderStore& encoders,
                             DocumentSide& asked) {
  if (asked.precision == EncoderPrecision::kAuto) asked.precision = stored.precision;
  asked.encoder_fingerprint = stored.encoder_fingerprint;
  if (asked.encoder == stored.encoder && asked.encoder_idf == stored.encoder_idf) {
    return absl::OkStatus();
  }
  return encoders.Identify(asked);
}

// The settings of an existing collection, with the changes that are allowed.
absl::Status ExtendSettings(const BatchBuildOptions& options, EncoderStore& encoders,
                            BuildPlan& plan) {
  ASSIGN_OR_RETURN(const CollectionSettings stored,
                   CollectionSettings::FromJson(plan.base->settings));
  plan.settings = stored;
  if (options.adjust_settings) options.adjust_settings(plan.settings);
  plan.settings.document.fingerprint = stored.document.fingerprint;
  ASSIGN_OR_RETURN(plan.settings, CollectionSettings::FromJson(plan.settings.ToJson()));
  RETURN_IF_ERROR(IdentifyEncoder(stored.document, encoders, plan.settings.document));
  RETURN_IF_ERROR(CheckSameDocumentSide(stored.document,
                                        absl::StrCat("collection ", plan.collection),
                                        plan.settings.document, "the request"));
  ASSIGN_OR_RETURN(const std::string fingerprint, AnalyzerFingerprint(stored.document));
  if (fingerprint != stored.document.fingerprint) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the analyzer of this machine (ICU, libstemmer) gives other stems than the one that made "
        "collection ",
        plan.collection, "; index it anew"));
  }
  return absl::OkStatus();
}

absl::Status SettleSettings(const BatchBuildOptions& options, EncoderStore& encoders,
                            BuildPlan& plan) {
  if (plan.base) {
    RETURN_IF_ERROR(ExtendSettings(options, encoders, plan));
    RETURN_IF_ERROR(CheckIdfSource(plan.settings, encoders));
  } else {
    ASSIGN_OR_RETURN(plan.settings, SettleNewSettings(NewSettings(options), encoders));
  }
  return CheckKind(plan.settings.document, options.kind);
}

absl::Status SettleFields(index::Catalog& catalog, const BatchBuildOptions& options,
                          BuildPlan& plan) {
  for (const auto& [name, type] : plan.settings.fields) {
    RETURN_IF_ERROR(plan.fields.Declare(name, type));
  }
  if (plan.base) {
    ASSIGN_OR_RETURN(const auto snapshot, catalog.Current(plan.collection));
    RETURN_IF_ERROR(plan.fields.DeclareAll(*snapshot));
  }
  for (const auto& [name, type] : options.fields) {
    RETURN_IF_ERROR(plan.fields.Declare(name, type));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BuildPlan> MakeBuildPlan(index::Catalog& catalog, EncoderStore& encoders,
                                        const BatchBuildOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  BuildPlan plan;
  std::vector<std::string> inputs;
  for (const std::string& input : options.inputs) {
    ASSIGN_OR_RETURN(inputs.emplace_back(), DescribeInput(input, plan));
  }
  if (plan.reads_standard_input) plan.input_bytes = 0;

  plan.collection = options.collection;
  absl::StatusOr<index::CollectionInfo> info = catalog.Get(options.collection);
  if (info.ok()) {
    plan.collection = info->record.name;
    plan.base = std::move(info->record);
  } else if (!absl::IsNotFound(info.status())) {
    return info.status();
  }
  RETURN_IF_ERROR(SettleSettings(options, encoders, plan));
  RETURN_IF_ERROR(SettleFields(catalog, options, plan));

  std::vector<std::string> declared;
  for (const auto& [name, type] : options.fields) {
    declared.push_back(absl::StrCat(name, ":", base::ToAbsl(FieldTypeName(type))));
  }
  plan.identity = {
      {"inputs", absl::StrJoin(inputs, ", ")},
      {"fields", absl::StrJoin(declared, ", ")},
      {"memory", absl::StrCat(options.memory_bytes)},
      {"shard", absl::StrCat(options.shard.index, "/", options.shard.count)},
      {"drop small weights", options.drop_small_weights ? "yes" : "no"},
  };
  plan.identity.merge(SettingsByName(plan.settings));
  return plan;
}

}  // namespace foraker::retrieval
