#include "retrieval/ingest/attach.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/status.h"
#include "retrieval/encoder_store.h"
#include "retrieval/ingest/field_schema.h"
#include "retrieval/ingest/generation_builder.h"
#include "retrieval/ingest/settings_check.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {
namespace {

using base::ToAbsl;

constexpr size_t kMemoryBytes = size_t{256} << 20;  // for finding ids that several shards hold

struct ShardGeneration {
  std::string directory;  // of its files
  index::CollectionRecord record;
  std::shared_ptr<const index::Snapshot> snapshot;
  CollectionSettings settings;
};

// The collection of that name, or the only one there is.
absl::StatusOr<ShardGeneration> OpenShard(const std::string& dir, std::string_view collection) {
  ASSIGN_OR_RETURN(const std::unique_ptr<index::Catalog> catalog,
                   index::Catalog::Open(dir, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(const std::vector<index::CollectionInfo> collections, catalog->List());
  auto found = std::find_if(collections.begin(), collections.end(),
                            [&](const auto& info) { return info.record.name == collection; });
  if (found == collections.end() && collections.size() == 1) found = collections.begin();
  if (found == collections.end()) {
    return absl::NotFoundError(absl::StrCat("shard ", dir, " has ", collections.size(),
                                            " collections, none of them named \"",
                                            ToAbsl(collection), "\""));
  }
  ShardGeneration shard;
  shard.record = found->record;
  ASSIGN_OR_RETURN(const std::vector<index::LogEntry> log,
                   catalog->ReadLog(shard.record.name, shard.record.sequence, /*max_bytes=*/1));
  if (!log.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "shard ", dir, " has writes in its log that no segment holds yet; flush it first"));
  }
  shard.directory = catalog->CollectionDir(shard.record.name);
  ASSIGN_OR_RETURN(shard.snapshot, catalog->Current(shard.record.name));
  ASSIGN_OR_RETURN(shard.settings, CollectionSettings::FromJson(shard.record.settings));
  return shard;
}

// Everything that must agree before anything is added.
absl::Status CheckShards(const std::vector<ShardGeneration>& shards,
                         const std::vector<std::string>& names,
                         const std::optional<CollectionSettings>& existing, FieldSchema& fields) {
  const CollectionSettings& expected = existing ? *existing : shards.front().settings;
  const std::string there = existing ? "the collection" : absl::StrCat("shard ", names.front());
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string here = absl::StrCat("shard ", names[i]);
    RETURN_IF_ERROR(
        CheckSameDocumentSide(expected.document, there, shards[i].settings.document, here));
    RETURN_IF_ERROR(base::Annotate(fields.DeclareAll(*shards[i].snapshot), here));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AttachResult> AttachShards(index::Catalog& catalog, std::string_view collection,
                                          const std::vector<std::string>& shard_dirs) {
  if (shard_dirs.empty())
    return absl::InvalidArgumentError("expected at least one shard directory");
  std::vector<ShardGeneration> shards;
  for (const std::string& dir : shard_dirs) {
    ASSIGN_OR_RETURN(shards.emplace_back(), OpenShard(dir, collection));
  }
  ASSIGN_OR_RETURN(GenerationBuilder builder, GenerationBuilder::Start(catalog, collection));
  index::CollectionRecord& record = builder.record();
  FieldSchema fields;
  std::optional<CollectionSettings> existing;
  if (record.generation > 1) {
    ASSIGN_OR_RETURN(existing, CollectionSettings::FromJson(record.settings));
    for (const auto& [name, type] : existing->fields) {
      RETURN_IF_ERROR(fields.Declare(name, type));
    }
    ASSIGN_OR_RETURN(const auto snapshot, catalog.Current(record.name));
    RETURN_IF_ERROR(fields.DeclareAll(*snapshot));
  } else {
    record.settings = shards.front().record.settings;
  }
  RETURN_IF_ERROR(CheckShards(shards, shard_dirs, existing, fields));

  EncoderStore encoders(catalog.dir());
  RETURN_IF_ERROR(encoders.CopyTable(shard_dirs.front(), shards.front().settings.document));

  AttachResult result;
  for (const ShardGeneration& shard : shards) {
    record.sequence = std::max(record.sequence, shard.record.sequence);
    for (size_t i = 0; i < shard.record.segments.size(); ++i) {
      RETURN_IF_ERROR(
          builder.AddSegment(absl::StrCat(shard.directory, "/", shard.record.segments[i].file),
                             shard.snapshot->segments[i].deleted_documents));
      ++result.segments;
    }
  }
  ASSIGN_OR_RETURN(const GenerationBuilder::Totals totals,
                   builder.Complete(/*with_statistics=*/true, kMemoryBytes));
  RETURN_IF_ERROR(builder.Publish());
  for (const index::SegmentRecord& segment : record.segments) {
    result.documents += segment.live_documents;
    result.passages += segment.live_passages;
  }
  result.generation = record.generation;
  result.replaced = totals.replaced;
  result.bytes = totals.new_bytes;
  return result;
}

}  // namespace foraker::retrieval
