#include "retrieval/local_administrator.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/status.h"
#include "index/store/named_snapshots.h"
#include "retrieval/encoder_store.h"
#include "retrieval/ingest/attach.h"
#include "retrieval/ingest/generation_builder.h"
#include "retrieval/ingest/new_settings.h"
#include "retrieval/ingest/plausibility.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/rebuild.h"
#include "retrieval/settings.h"
#include "retrieval/settings_changes.h"

namespace foraker::retrieval {
namespace {

using Live = std::shared_ptr<index::LiveCollection>;

constexpr size_t kStatisticsMemory = size_t{256} << 20;

absl::StatusOr<std::filesystem::path> RealPath(const std::string& path) {
  std::error_code error;
  std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return absl::NotFoundError(absl::StrCat(path, ": ", error.message()));
  return real;
}

class LocalAdministrator final : public Administrator {
 public:
  LocalAdministrator(std::shared_ptr<index::LiveStore> store, LocalAdministratorOptions options)
      : store_(std::move(store)),
        catalog_(*store_->catalog()),
        options_(std::move(options)),
        encoders_(catalog_.dir()) {}

  absl::Status CreateCollection(const CreateRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, options_.limits));
    RETURN_IF_ERROR(index::ValidateName("collection", request.collection));
    if (catalog_.Resolve(request.collection).ok()) return Exists(request.collection);
    ASSIGN_OR_RETURN(const CollectionSettings settings, NewSettings(request));
    index::CollectionRecord record;
    record.name = request.collection;
    record.generation = 1;
    record.settings = settings.ToJson();
    RETURN_IF_ERROR(base::CreateDirectories(catalog_.CollectionDir(record.name)));
    const absl::Status published = catalog_.Publish(record);
    return absl::IsAborted(published) ? Exists(request.collection) : published;
  }

  absl::Status DropCollection(std::string_view collection) override {
    return store_->Drop(collection);
  }

  absl::Status UpdateSettings(std::string_view collection, const SettingChanges& changes) override {
    RETURN_IF_ERROR(CheckSettings(changes, options_.limits));
    return Change(collection, [&](index::CollectionRecord record) -> absl::Status {
      ASSIGN_OR_RETURN(const CollectionSettings before,
                       CollectionSettings::FromJson(record.settings));
      ASSIGN_OR_RETURN(const CollectionSettings settings,
                       WithChanges(before, changes, Changeable::kLater));
      RETURN_IF_ERROR(CheckIdfSource(settings, encoders_));
      record.settings = settings.ToJson();
      ++record.generation;
      return catalog_.Publish(record);
    });
  }

  absl::Status PublishIdf(std::string_view collection) override {
    return Change(collection, [&](const index::CollectionRecord& record) -> absl::Status {
      ASSIGN_OR_RETURN(GenerationBuilder builder, GenerationBuilder::Start(catalog_, record.name));
      RETURN_IF_ERROR(builder.Complete(/*with_statistics=*/true, kStatisticsMemory).status());
      return builder.Publish();
    });
  }

  absl::Status SetAlias(std::string_view alias, std::string_view collection) override {
    return catalog_.SetAlias(alias, collection);
  }
  absl::Status RemoveAlias(std::string_view alias) override { return catalog_.RemoveAlias(alias); }

  absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) override {
    RETURN_IF_ERROR(index::ValidateName("snapshot", snapshot));
    ASSIGN_OR_RETURN(const Live live, store_->Find(collection));
    RETURN_IF_ERROR(live->Flush());
    RETURN_IF_ERROR(catalog_.CreateSnapshot(live->name(), snapshot));
    // The directory is a backup, so it has what queries need of the encoder too.
    const std::string directory = index::SnapshotDir(catalog_.dir(), live->name(), snapshot);
    ASSIGN_OR_RETURN(const index::CollectionRecord record, index::ReadSnapshotDir(directory));
    return CopyTable(catalog_.dir(), directory, record);
  }

  absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) override {
    return catalog_.DropSnapshot(OwnName(collection), snapshot);
  }

  absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                               std::string_view as) override {
    const std::string name = OwnName(collection);
    if (!as.empty() && as != name) return catalog_.RestoreSnapshot(name, snapshot, as);
    const auto restore = [&] { return catalog_.RestoreSnapshot(name, snapshot, ""); };
    const absl::StatusOr<Live> live = store_->Find(name);
    if (absl::IsNotFound(live.status())) return restore();  // its snapshots outlived it
    RETURN_IF_ERROR(live.status());
    return (*live)->Exclusively(restore);
  }

  absl::Status ImportSnapshot(std::string_view directory, std::string_view collection) override {
    ASSIGN_OR_RETURN(const std::string real, Confined(std::string(directory)));
    ASSIGN_OR_RETURN(const index::CollectionRecord record, index::ReadSnapshotDir(real));
    RETURN_IF_ERROR(CopyTable(real, catalog_.dir(), record));
    return catalog_.ImportSnapshot(real, collection);
  }

  absl::Status Flush(std::string_view collection) override {
    ASSIGN_OR_RETURN(const Live live, store_->Find(collection));
    return live->Flush();
  }

  absl::Status Compact(std::string_view collection) override {
    ASSIGN_OR_RETURN(const Live live, store_->Find(collection));
    return live->Compact();
  }

  absl::Status Attach(const AttachRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, options_.limits));
    std::vector<std::string> directories;
    for (const std::string& directory : request.directories) {
      ASSIGN_OR_RETURN(directories.emplace_back(), Confined(directory));
    }
    const auto attach = [&](const std::string& name) {
      return AttachShards(catalog_, name, directories).status();
    };
    const absl::StatusOr<Live> live = store_->Find(request.collection);
    if (absl::IsNotFound(live.status())) return attach(request.collection);
    RETURN_IF_ERROR(live.status());
    return (*live)->Exclusively([&] { return attach((*live)->name()); });
  }

  absl::Status Rebuild(const RebuildRequest& request, const OnProgress& on_progress,
                       const std::atomic<bool>* cancel) override {
    RETURN_IF_ERROR(CheckLimits(request, options_.limits));
    const uint32_t threads = options_.rebuild_threads != 0
                                 ? options_.rebuild_threads
                                 : std::max(1u, std::thread::hardware_concurrency());
    return RunRebuild(*store_, encoders_, request,
                      {.threads = threads,
                       .verify_encoder = options_.verify_encoders,
                       .on_progress = on_progress,
                       .cancel = cancel});
  }

 private:
  static absl::Status Exists(std::string_view name) {
    return absl::AlreadyExistsError(absl::StrFormat("\"%s\" exists", name));
  }

  // The collection's own name where it is an alias; itself where it is none, or names what is gone.
  std::string OwnName(std::string_view name) const {
    const absl::StatusOr<std::string> own = catalog_.Resolve(name);
    return own.ok() ? *own : std::string(name);
  }

  absl::StatusOr<CollectionSettings> NewSettings(const CreateRequest& request) {
    ASSIGN_OR_RETURN(CollectionSettings asked, WithChanges(DefaultSettings(request.encoder),
                                                           request.settings, Changeable::kAll));
    for (const auto& [name, type] : request.fields) {
      const absl::StatusOr<index::FieldType> known = FieldTypeOf(type);
      if (!known.ok()) {
        return base::Annotate(known.status(), absl::StrFormat("fields: \"%s\"", name));
      }
      asked.fields[name] = *known;
    }
    if (asked.document.reference_length == 0) {
      asked.document.reference_length = kTypicalReferenceLength;
    }
    ASSIGN_OR_RETURN(CollectionSettings settings, SettleNewSettings(asked, encoders_));
    if (!IsNeural(settings.document) || !options_.verify_encoders) return settings;
    LoadedEncoder encoder;
    ASSIGN_OR_RETURN(encoder.table, encoders_.Table(settings.document));
    ASSIGN_OR_RETURN(encoder.model, encoders_.Model(settings.document));
    RETURN_IF_ERROR(VerifyEncoderOnProbe(settings.document, encoder));
    return settings;
  }

  // `work` publishes the collection's next generation; it is given the record of the newest one.
  absl::Status Change(std::string_view collection,
                      absl::FunctionRef<absl::Status(index::CollectionRecord record)> work) {
    ASSIGN_OR_RETURN(const Live live, store_->Find(collection));
    return live->Exclusively([&]() -> absl::Status {
      ASSIGN_OR_RETURN(index::CollectionInfo info, catalog_.Get(live->name()));
      return work(std::move(info.record));
    });
  }

  // The real path of a directory that clients may name.
  absl::StatusOr<std::string> Confined(const std::string& directory) const {
    ASSIGN_OR_RETURN(const std::filesystem::path real, RealPath(directory));
    if (options_.import_root.empty()) return real.string();
    ASSIGN_OR_RETURN(const std::filesystem::path root, RealPath(options_.import_root));
    const auto [root_end, rest] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    if (root_end == root.end() && rest != real.end()) return real.string();
    return absl::InvalidArgumentError(
        absl::StrFormat("directories: %s does not lie below the server's import_root", directory));
  }

  static absl::Status CopyTable(const std::string& from, const std::string& to,
                                const index::CollectionRecord& record) {
    ASSIGN_OR_RETURN(const CollectionSettings settings,
                     CollectionSettings::FromJson(record.settings));
    return EncoderStore(to).CopyTable(from, settings.document);
  }

  const std::shared_ptr<index::LiveStore> store_;
  index::Catalog& catalog_;
  const LocalAdministratorOptions options_;
  EncoderStore encoders_;
};

}  // namespace

std::unique_ptr<Administrator> MakeLocalAdministrator(std::shared_ptr<index::LiveStore> store,
                                                      LocalAdministratorOptions options) {
  return std::make_unique<LocalAdministrator>(std::move(store), std::move(options));
}

}  // namespace foraker::retrieval
