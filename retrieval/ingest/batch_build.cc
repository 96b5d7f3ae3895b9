#include "retrieval/ingest/batch_build.h"

#include <xxhash.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/store/record_codec.h"
#include "retrieval/encoder_store.h"
#include "retrieval/ingest/build_checkpoint.h"
#include "retrieval/ingest/build_plan.h"
#include "retrieval/ingest/build_progress.h"
#include "retrieval/ingest/encode_pipeline.h"
#include "retrieval/ingest/generation_builder.h"
#include "retrieval/ingest/plausibility.h"
#include "retrieval/ingest/reference_length.h"
#include "retrieval/ingest/segment_cutter.h"

namespace foraker::retrieval {
namespace {

using Stage = BuildCheckpoint::Stage;

// Shares of BatchBuildOptions::memory_bytes. The rest is for what has a size of its own: code,
// stemmers, decompression, the catalog.
constexpr uint64_t kSegmentShare = 2;    // one half: the segment under way
constexpr uint64_t kUnderWayShare = 32;  // lines under way; encoded they take a few times more
constexpr uint64_t kReplacedShare = 4;   // ids, while older copies are looked for
constexpr char kReferenceLength[] = "document.reference_length";  // in a build's identity
constexpr uint64_t kMaxBytesUnderWay = uint64_t{64} << 20;

std::string HashOf(const index::CollectionRecord& record) {
  const std::string bytes = index::EncodeRecord(record);
  return absl::StrFormat("%016x", XXH3_64bits(bytes.data(), bytes.size()));
}

class BatchBuild {
 public:
  BatchBuild(index::Catalog& catalog, EncoderStore& encoders, const BatchBuildOptions& options,
             BuildPlan plan)
      : catalog_(catalog),
        encoders_(encoders),
        options_(options),
        plan_(std::move(plan)),
        threads_(options.threads != 0 ? options.threads
                                      : std::max(1u, std::thread::hardware_concurrency())),
        build_dir_(absl::StrCat(catalog.CollectionDir(plan_.collection), "/build")),
        progress_(options, plan_.input_bytes) {}

  absl::StatusOr<BatchBuildResult> Run();

 private:
  uint64_t base_generation() const { return plan_.base ? plan_.base->generation : 0; }

  // Reads the pending build, if there is one that this one continues or repeats.
  absl::Status FindPending();
  // Whether the publish that the checkpoint announces has happened.
  bool WasPublished() const;

  absl::StatusOr<LoadedEncoder> Encoder();  // empty when it is built in
  absl::Status Begin(LineReader& reader);
  absl::Status Resume(LineReader& reader);
  absl::Status EncodeAll(std::unique_ptr<LineReader> reader);
  absl::Status AddLine(EncodedLine& line, const TermNames& names, SegmentCutter& cutter);
  absl::Status Refuse(const EncodedLine& line, const absl::Status& error);
  absl::Status SaveSegment(const std::string& file, const SegmentCutter& cutter);
  absl::Status Publish();
  absl::Status MarkPublished();
  absl::Status RemoveSegments();  // from the build's folder, once they are published
  absl::Status CheckCancelled() const;

  index::Catalog& catalog_;
  EncoderStore& encoders_;
  const BatchBuildOptions& options_;
  BuildPlan plan_;
  const uint32_t threads_;
  const std::string build_dir_;
  ProgressReporter progress_;

  std::optional<BuildCheckpoint> pending_;  // that was found
  BuildCheckpoint checkpoint_;              // as of now; on the disk as of the last cut
  std::deque<uint64_t> carried_ahead_;      // carried lines that the reader has still to bring
  InputPosition resumed_at_;
  uint64_t passages_ = 0;  // encoded in this run
  double passages_per_second_ = 0;
};

absl::Status BatchBuild::CheckCancelled() const {
  if (options_.cancel == nullptr || !options_.cancel->load(std::memory_order_relaxed)) {
    return absl::OkStatus();
  }
  return absl::CancelledError(
      "stopped; what is finished is kept, and the same command goes on from there");
}

bool BatchBuild::WasPublished() const {
  return pending_->stage == Stage::kPublishing && plan_.base &&
         HashOf(*plan_.base) == pending_->record_hash;
}

absl::Status BatchBuild::FindPending() {
  if (options_.restart) return absl::OkStatus();
  ASSIGN_OR_RETURN(pending_, ReadCheckpoint(build_dir_));
  if (!pending_) return absl::OkStatus();
  if (WasPublished()) {
    checkpoint_ = *pending_;
    RETURN_IF_ERROR(MarkPublished());
    pending_->stage = Stage::kPublished;
  }
  // A reference length that was asked to be measured and the one that was found are the same to
  // whoever repeats the build.
  std::map<std::string, std::string> identity = plan_.identity;
  if (plan_.settings.ToJson() == pending_->settings) {
    identity[kReferenceLength] = pending_->identity[kReferenceLength];
  }
  const std::optional<std::string> difference = IdentityDifference(pending_->identity, identity);
  if (pending_->stage == Stage::kPublished) {
    const bool repeated = !difference && !plan_.reads_standard_input &&
                          pending_->result.generation == base_generation();
    if (!repeated) pending_.reset();
    return absl::OkStatus();
  }
  const bool moved_on = pending_->base_generation != base_generation();
  if ((difference || moved_on) && pending_->segments.empty()) {
    pending_.reset();  // nothing is lost with it
    return absl::OkStatus();
  }
  if (difference) {
    return absl::FailedPreconditionError(
        absl::StrCat("a build of collection ", plan_.collection, " is pending, but not this one (",
                     *difference, "): repeat it as it was, or restart to throw it away"));
  }
  if (moved_on) {
    return absl::FailedPreconditionError(absl::StrCat(
        "collection ", plan_.collection, " went from generation ", pending_->base_generation,
        " to ", base_generation(), " since the pending build began; restart to throw it away"));
  }
  return absl::OkStatus();
}

absl::StatusOr<BatchBuildResult> BatchBuild::Run() {
  RETURN_IF_ERROR(FindPending());
  if (pending_ && pending_->stage == Stage::kPublished) {
    checkpoint_ = *pending_;
    RETURN_IF_ERROR(RemoveSegments());  // a kill may have left them
    BatchBuildResult result = pending_->result;
    result.rejected = pending_->rejected;
    result.dropped_terms = pending_->dropped_terms;
    result.dropped_tokens = pending_->dropped_tokens;
    result.already_built = true;
    return result;
  }
  auto reader = std::make_unique<LineReader>(options_.inputs);
  if (pending_) {
    RETURN_IF_ERROR(Resume(*reader));
  } else {
    RETURN_IF_ERROR(Begin(*reader));
  }
  if (checkpoint_.stage == Stage::kIndexing) RETURN_IF_ERROR(EncodeAll(std::move(reader)));
  RETURN_IF_ERROR(Publish());
  BatchBuildResult result = checkpoint_.result;
  result.rejected = checkpoint_.rejected;
  result.dropped_terms = checkpoint_.dropped_terms;
  result.dropped_tokens = checkpoint_.dropped_tokens;
  result.passages_per_second = passages_per_second_;
  result.seconds = progress_.seconds();
  result.resumed = pending_.has_value();
  return result;
}

absl::StatusOr<LoadedEncoder> BatchBuild::Encoder() {
  LoadedEncoder encoder;
  const DocumentSide& settings = plan_.settings.document;
  if (!IsNeural(settings)) return encoder;
  ASSIGN_OR_RETURN(encoder.table, encoders_.Table(settings));
  ASSIGN_OR_RETURN(encoder.model, encoders_.Model(settings));
  return encoder;
}

absl::Status BatchBuild::Begin(LineReader& reader) {
  RETURN_IF_ERROR(base::RemoveTree(build_dir_));
  RETURN_IF_ERROR(base::CreateDirectories(build_dir_));
  CollectionSettings& settings = plan_.settings;
  if (!plan_.base && options_.verify_encoder) {
    ASSIGN_OR_RETURN(const LoadedEncoder encoder, Encoder());
    RETURN_IF_ERROR(VerifyEncoder(reader, settings.document, encoder));
  }
  if (options_.kind == InputKind::kText && settings.document.reference_length == 0) {
    progress_.Report(BuildStage::kMeasuring, 0, 0, 0);
    ASSIGN_OR_RETURN(settings.document.reference_length,
                     MeasureReferenceLength(reader, settings.document, threads_));
  }
  checkpoint_.identity = plan_.identity;
  checkpoint_.base_generation = base_generation();
  checkpoint_.settings = settings.ToJson();
  checkpoint_.fields = plan_.fields.types();
  return WriteCheckpoint(build_dir_, checkpoint_);
}

absl::Status BatchBuild::Resume(LineReader& reader) {
  progress_.Report(BuildStage::kResuming, pending_->accepted, 0, 0);
  checkpoint_ = *pending_;
  ASSIGN_OR_RETURN(plan_.settings, CollectionSettings::FromJson(checkpoint_.settings));
  for (const auto& [name, type] : checkpoint_.fields) {
    RETURN_IF_ERROR(plan_.fields.Declare(name, type));
  }
  // Segments and temporary files that were not finished.
  ASSIGN_OR_RETURN(const std::vector<std::string> files, base::ListDirectory(build_dir_));
  for (const std::string& file : files) {
    const std::string path = absl::StrCat(build_dir_, "/", file);
    const auto& segments = checkpoint_.segments;
    const bool finished = std::find(segments.begin(), segments.end(), file) != segments.end();
    if (!finished && path != CheckpointPath(build_dir_)) RETURN_IF_ERROR(base::RemoveFile(path));
  }
  resumed_at_ = checkpoint_.position;
  carried_ahead_.assign(checkpoint_.carried.begin(), checkpoint_.carried.end());
  reader.SkipTo(checkpoint_.position, checkpoint_.carried);
  return absl::OkStatus();
}

absl::Status BatchBuild::EncodeAll(std::unique_ptr<LineReader> reader) {
  EncodeOptions encode;
  encode.kind = options_.kind;
  encode.settings = plan_.settings.document;
  ASSIGN_OR_RETURN(encode.encoder, Encoder());
  encode.shard = options_.shard;
  encode.drop_small_weights = options_.drop_small_weights;
  encode.threads = threads_;
  encode.max_bytes_under_way = std::min(options_.memory_bytes / kUnderWayShare, kMaxBytesUnderWay);
  ASSIGN_OR_RETURN(const std::unique_ptr<EncodePipeline> pipeline,
                   EncodePipeline::Create(std::move(encode), std::move(reader)));
  SegmentCutter* cutter_now = nullptr;
  SegmentCutter cutter(
      {.directory = build_dir_,
       .first_file = (plan_.base ? plan_.base->next_file : 1) + checkpoint_.segments.size(),
       .memory_bytes = options_.memory_bytes / kSegmentShare,
       .on_segment = [&](const std::string& file) { return SaveSegment(file, *cutter_now); }});
  cutter_now = &cutter;
  progress_.StartCounting(checkpoint_.accepted);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<EncodedBatch> batch, pipeline->Next());
    RETURN_IF_ERROR(CheckCancelled());
    if (!batch) {
      passages_per_second_ = progress_.Rate(passages_);
      return cutter.Finish();
    }
    for (EncodedLine& line : batch->lines) {
      RETURN_IF_ERROR(AddLine(line, batch->names, cutter));
    }
    if (batch->end.lines > checkpoint_.position.lines) checkpoint_.position = batch->end;
    progress_.Report(BuildStage::kIndexing, checkpoint_.accepted, passages_, batch->bytes_consumed);
  }
}

absl::Status BatchBuild::AddLine(EncodedLine& line, const TermNames& names, SegmentCutter& cutter) {
  const uint64_t ordinal = line.end.lines;
  const bool carried = ordinal <= resumed_at_.lines;  // counted before the build was broken off
  if (carried) {
    carried_ahead_.pop_front();
  } else {
    checkpoint_.position = line.end;
  }
  absl::Status status = line.error;
  // Documents of other shards fix field types too, so that all shards agree.
  if (status.ok()) status = plan_.fields.Conform(line.document);
  if (!line.in_shard) return absl::OkStatus();
  if (status.ok()) {
    passages_ += line.document.passages.size();
    line.document.version = (plan_.base ? plan_.base->sequence : 0) + ordinal;
    if (!carried) {
      ++checkpoint_.accepted;
      checkpoint_.dropped_terms += line.dropped_terms;
      checkpoint_.dropped_tokens += line.dropped_tokens;
    }
    status = cutter.Add(std::move(line.document), ordinal, names);
    if (absl::IsInvalidArgument(status) && !carried) --checkpoint_.accepted;
  }
  if (absl::IsInvalidArgument(status)) return Refuse(line, status);
  return status;
}

absl::Status BatchBuild::Refuse(const EncodedLine& line, const absl::Status& error) {
  const LineError refused{options_.inputs[line.file], line.number, std::string(error.message())};
  if (options_.strict) return absl::InvalidArgumentError(refused.ToString());
  ++checkpoint_.rejected;
  if (options_.on_line_error) options_.on_line_error(refused);
  return absl::OkStatus();
}

absl::Status BatchBuild::SaveSegment(const std::string& file, const SegmentCutter& cutter) {
  checkpoint_.segments.push_back(file);
  checkpoint_.carried = cutter.CarriedLines();
  checkpoint_.carried.insert(checkpoint_.carried.end(), carried_ahead_.begin(),
                             carried_ahead_.end());
  checkpoint_.superseded = (pending_ ? pending_->superseded : 0) + cutter.superseded();
  checkpoint_.fields = plan_.fields.types();
  return WriteCheckpoint(build_dir_, checkpoint_);
}

absl::Status BatchBuild::Publish() {
  progress_.Report(BuildStage::kPublishing, checkpoint_.accepted, passages_, plan_.input_bytes);
  ASSIGN_OR_RETURN(GenerationBuilder builder, GenerationBuilder::Start(catalog_, plan_.collection));
  for (const std::string& file : checkpoint_.segments) {
    RETURN_IF_ERROR(builder.AddSegment(absl::StrCat(build_dir_, "/", file), nullptr));
  }
  index::CollectionRecord& record = builder.record();
  record.settings = checkpoint_.settings;
  record.sequence += checkpoint_.position.lines;
  ASSIGN_OR_RETURN(const GenerationBuilder::Totals totals,
                   builder.Complete(plan_.settings.query.idf == IdfMode::kAuto,
                                    options_.memory_bytes / kReplacedShare));
  BatchBuildResult& result = checkpoint_.result;
  result.generation = record.generation;
  result.documents = totals.new_documents;
  result.passages = totals.new_passages;
  result.replaced = totals.replaced + checkpoint_.superseded;
  result.segments = checkpoint_.segments.size();
  result.bytes = totals.new_bytes;
  checkpoint_.record_hash = HashOf(record);
  checkpoint_.stage = Stage::kPublishing;
  RETURN_IF_ERROR(WriteCheckpoint(build_dir_, checkpoint_));
  RETURN_IF_ERROR(builder.Publish());
  return MarkPublished();
}

absl::Status BatchBuild::MarkPublished() {
  checkpoint_.stage = Stage::kPublished;
  RETURN_IF_ERROR(WriteCheckpoint(build_dir_, checkpoint_));
  return RemoveSegments();
}

absl::Status BatchBuild::RemoveSegments() {
  for (const std::string& file : checkpoint_.segments) {
    RETURN_IF_ERROR(base::RemoveFile(absl::StrCat(build_dir_, "/", file)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string LineError::ToString() const { return absl::StrCat(file, ":", line, ": ", message); }

absl::StatusOr<BatchBuildResult> RunBatchBuild(index::Catalog& catalog,
                                               const BatchBuildOptions& options) {
  EncoderStore encoders(catalog.dir());
  ASSIGN_OR_RETURN(BuildPlan plan, MakeBuildPlan(catalog, encoders, options));
  BatchBuild build(catalog, encoders, options, std::move(plan));
  return build.Run();
}

}  // namespace foraker::retrieval
