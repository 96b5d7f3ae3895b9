#include "retrieval/rebuild.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "retrieval/document_text.h"
#include "retrieval/encoder_pool.h"
#include "retrieval/filters.h"
#include "retrieval/ingest/generation_builder.h"
#include "retrieval/ingest/new_settings.h"
#include "retrieval/ingest/plausibility.h"
#include "retrieval/ingest/reference_length.h"
#include "retrieval/rebuilt_segments.h"
#include "retrieval/settings_changes.h"
#include "retrieval/snapshot_difference.h"

namespace foraker::retrieval {
namespace {

using Snapshot = std::shared_ptr<const index::Snapshot>;

constexpr size_t kMemory = size_t{256} << 20;
// Catching up ends when so few documents are left for the last step, in which writers wait, or
// after so many rounds: writers may be faster than the encoder.
constexpr size_t kFewDocuments = 256;
constexpr int kMostRounds = 8;

std::vector<DocumentAddress> AllDocuments(const index::Snapshot& snapshot) {
  std::vector<DocumentAddress> documents;
  const DocumentSets sets = LiveDocuments(snapshot);
  for (size_t s = 0; s < sets.size(); ++s) {
    for (const index::DocId document : sets[s]) {
      documents.push_back({static_cast<uint32_t>(s), document});
    }
  }
  return documents;
}

bool SamePassagesAndStems(const DocumentSide& a, const DocumentSide& b) {
  return a.language == b.language && a.stemmer == b.stemmer && a.stop_words == b.stop_words &&
         a.passage_tokens == b.passage_tokens;
}

// The source's settings with the changes asked for.
absl::StatusOr<CollectionSettings> AskedSettings(const CollectionSettings& source,
                                                 const RebuildRequest& request) {
  CollectionSettings asked = source;
  DocumentSide& document = asked.document;
  if (!request.encoder.empty() && request.encoder != document.encoder) {
    const DocumentSide fresh = DefaultSettings(request.encoder).document;
    if (document.encoder == "vectors") document = fresh;  // it had no analyzer
    document.encoder = request.encoder;
    document.encoder_idf = fresh.encoder_idf;
    document.precision = fresh.precision;
    document.max_encoder_tokens = fresh.max_encoder_tokens;
    document.learned_share = fresh.learned_share;
    if (!IsNeural(document)) document.stems = true;
  }
  if (document.encoder == "vectors") {
    return absl::InvalidArgumentError(
        "encoder: imported vectors are not made of text, so they cannot be rebuilt; name another");
  }
  ASSIGN_OR_RETURN(asked, WithChanges(asked, request.settings, Changeable::kAll));
  if (asked.document.reference_length == source.document.reference_length &&
      !SamePassagesAndStems(asked.document, source.document)) {
    asked.document.reference_length = 0;
  }
  return asked;
}

class Rebuild {
 public:
  Rebuild(index::LiveStore& store, EncoderStore& encoders, const RebuildRequest& request,
          const RebuildOptions& options, std::shared_ptr<index::LiveCollection> source)
      : store_(store),
        catalog_(*store.catalog()),
        encoders_(encoders),
        request_(request),
        options_(options),
        source_(std::move(source)),
        directory_(absl::StrCat(catalog_.CollectionDir(request.new_collection), "/rebuild")) {}

  absl::Status Run() {
    RETURN_IF_ERROR(ClaimDirectory());
    const absl::Cleanup remove = [this] { RemoveDirectory(); };
    seen_ = source_->Newest();
    RETURN_IF_ERROR(SettleSettings());
    ASSIGN_OR_RETURN(std::shared_ptr<EncoderPool> encoders,
                     EncoderPool::Open(settings_.document, encoders_));
    segments_ = std::make_unique<RebuiltSegments>(directory_, std::move(encoders), options_.threads,
                                                  [this](uint64_t documents) {
                                                    progress_.documents += documents;
                                                    ReportSometimes();
                                                    return CheckCancelled();
                                                  });
    Begin("encoding", seen_->live_documents);
    RETURN_IF_ERROR(segments_->Add(*seen_, AllDocuments(*seen_)));
    RETURN_IF_ERROR(segments_->Cut());
    RETURN_IF_ERROR(CatchUp());
    RETURN_IF_ERROR(source_->Flush());  // else the last step would, while writers wait
    Begin("publishing", 0);
    return source_->Exclusively([this] { return SwitchOver(); });
  }

 private:
  // One rebuild into a collection at a time, and none into one that there is.
  absl::Status ClaimDirectory() {
    if (catalog_.Resolve(request_.new_collection).ok()) {
      ASSIGN_OR_RETURN(const bool unfinished, IsLeftByAKill());
      if (!unfinished) {
        return absl::AlreadyExistsError(
            absl::StrFormat("new_collection: \"%s\" exists", request_.new_collection));
      }
      RETURN_IF_ERROR(store_.Drop(request_.new_collection));
    }
    RETURN_IF_ERROR(base::CreateDirectories(catalog_.CollectionDir(request_.new_collection)));
    std::error_code error;
    if (std::filesystem::create_directory(directory_, error)) return absl::OkStatus();
    if (error) return absl::InternalError(absl::StrCat(directory_, ": ", error.message()));
    return absl::FailedPreconditionError(absl::StrFormat(
        "new_collection: a rebuild into \"%s\" is under way", request_.new_collection));
  }

  // Whether the new collection is what a rebuild of the source published before it was killed: no
  // alias moved to it, and nobody has used it since.
  absl::StatusOr<bool> IsLeftByAKill() const {
    ASSIGN_OR_RETURN(const index::CollectionInfo info, catalog_.Get(request_.new_collection));
    const bool under_way = base::FileExists(directory_);
    if (info.record.name != request_.new_collection || under_way || !info.aliases.empty() ||
        !info.snapshots.empty()) {
      return false;
    }
    ASSIGN_OR_RETURN(const CollectionSettings settings,
                     CollectionSettings::FromJson(info.record.settings));
    if (!settings.origin.has_value() || settings.origin->collection != source_->name() ||
        settings.origin->sequence != info.record.sequence) {
      return false;
    }
    ASSIGN_OR_RETURN(const auto written,
                     catalog_.ReadLog(info.record.name, info.record.sequence, /*max_bytes=*/1));
    return written.empty();
  }

  // What cannot be removed now is left to the next writer of the data directory.
  void RemoveDirectory() {
    base::RemoveTree(directory_).IgnoreError();
    if (published_) return;
    base::RemoveTree(catalog_.CollectionDir(request_.new_collection)).IgnoreError();
  }

  absl::Status SettleSettings() {
    ASSIGN_OR_RETURN(const CollectionSettings source,
                     CollectionSettings::FromJson(seen_->settings));
    ASSIGN_OR_RETURN(const CollectionSettings asked, AskedSettings(source, request_));
    ASSIGN_OR_RETURN(settings_, SettleNewSettings(asked, encoders_));
    if (settings_.document.reference_length == 0) {
      ASSIGN_OR_RETURN(settings_.document.reference_length, MeasureReferenceLength());
    }
    if (!IsNeural(settings_.document) || !options_.verify_encoder) return absl::OkStatus();
    LoadedEncoder encoder;
    ASSIGN_OR_RETURN(encoder.table, encoders_.Table(settings_.document));
    ASSIGN_OR_RETURN(encoder.model, encoders_.Model(settings_.document));
    return VerifyEncoderOnProbe(settings_.document, encoder);
  }

  absl::StatusOr<float> MeasureReferenceLength() {
    ASSIGN_OR_RETURN(const std::unique_ptr<DocumentText> text,
                     DocumentText::Create(settings_.document));
    LengthMeter lengths;
    uint64_t bytes = 0;
    std::vector<DocumentAddress> documents = AllDocuments(*seen_);
    if (documents.size() > kMeasuredLines) documents.resize(kMeasuredLines);
    for (const DocumentAddress& address : documents) {
      if (bytes > kMeasuredBytes) break;
      RETURN_IF_ERROR(CheckCancelled());
      ASSIGN_OR_RETURN(const index::TitleAndText read,
                       seen_->segments[address.segment].segment->LoadText(address.document));
      lengths.Add(*text, read.title, read.text);
      bytes += read.text.size();
    }
    return lengths.Mean();
  }

  absl::Status CatchUp() {
    for (int round = 0; round < kMostRounds; ++round) {
      ASSIGN_OR_RETURN(const size_t documents, Follow(source_->Newest()));
      if (documents <= kFewDocuments) break;
      RETURN_IF_ERROR(segments_->Cut());
    }
    return absl::OkStatus();
  }

  // Carries over what was written since the snapshot that was seen last; how much that was.
  absl::StatusOr<size_t> Follow(const Snapshot& newer) {
    ASSIGN_OR_RETURN(const SnapshotDifference difference, Difference(*seen_, *newer));
    Begin("catching up", difference.changed.size());
    segments_->Delete(difference.deleted);
    RETURN_IF_ERROR(segments_->Add(*newer, difference.changed));
    seen_ = newer;
    return difference.changed.size();
  }

  // Nobody writes to the source meanwhile.
  absl::Status SwitchOver() {
    ASSIGN_OR_RETURN(const index::CollectionInfo aliased, catalog_.Get(request_.alias));
    if (aliased.record.name != source_->name()) {
      return absl::AbortedError(absl::StrFormat("alias: \"%s\" was moved to \"%s\" meanwhile",
                                                request_.alias, aliased.record.name));
    }
    RETURN_IF_ERROR(Follow(source_->Newest()).status());
    RETURN_IF_ERROR(CheckCancelled());
    ASSIGN_OR_RETURN(GenerationBuilder builder,
                     GenerationBuilder::Start(catalog_, request_.new_collection));
    if (builder.record().generation != 1) {
      return absl::AlreadyExistsError(
          absl::StrFormat("new_collection: \"%s\" exists", request_.new_collection));
    }
    RETURN_IF_ERROR(segments_->Finish(builder));
    settings_.origin = Origin{.collection = source_->name(), .sequence = seen_->sequence};
    builder.record().settings = settings_.ToJson();
    builder.record().sequence = seen_->sequence;
    const bool with_statistics = seen_->live_documents > 0;
    RETURN_IF_ERROR(builder.Complete(with_statistics, kMemory).status());
    RETURN_IF_ERROR(CheckCancelled());
    RETURN_IF_ERROR(builder.Publish());
    published_ = true;
    // A batch that is sent again after the move must be recognised.
    ASSIGN_OR_RETURN(const std::vector<index::RememberedRequest> requests,
                     catalog_.ReadRequests(source_->name()));
    RETURN_IF_ERROR(catalog_.AppendLog(request_.new_collection, {}, requests, {}, /*sync=*/true));
    return catalog_.SetAlias(request_.alias, request_.new_collection);
  }

  absl::Status CheckCancelled() const {
    if (options_.cancel == nullptr || !options_.cancel->load(std::memory_order_relaxed)) {
      return absl::OkStatus();
    }
    return absl::CancelledError("the rebuild was stopped; it has changed nothing");
  }

  void Begin(std::string stage, uint64_t total) {
    progress_ = {.stage = std::move(stage), .documents = 0, .total = total};
    reported_ = absl::InfinitePast();
    ReportSometimes();
  }

  void ReportSometimes() {
    if (!options_.on_progress || absl::Now() - reported_ < absl::Seconds(1)) return;
    reported_ = absl::Now();
    options_.on_progress(progress_);
  }

  index::LiveStore& store_;
  index::Catalog& catalog_;
  EncoderStore& encoders_;
  const RebuildRequest& request_;
  const RebuildOptions& options_;
  const std::shared_ptr<index::LiveCollection> source_;
  const std::string directory_;
  CollectionSettings settings_;
  Snapshot seen_;  // everything in it was carried over
  std::unique_ptr<RebuiltSegments> segments_;
  bool published_ = false;
  Progress progress_;
  absl::Time reported_ = absl::InfinitePast();
};

}  // namespace

absl::Status RunRebuild(index::LiveStore& store, EncoderStore& encoders,
                        const RebuildRequest& request, const RebuildOptions& options) {
  RETURN_IF_ERROR(index::ValidateName("collection", request.new_collection));
  ASSIGN_OR_RETURN(std::shared_ptr<index::LiveCollection> source, store.Find(request.alias));
  if (source->name() == request.alias) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "alias: \"%s\" is a collection's own name, which cannot move; give it an alias",
        request.alias));
  }
  return Rebuild(store, encoders, request, options, std::move(source)).Run();
}

}  // namespace foraker::retrieval
