#include "services/cli/remote_index.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/mutex.h"
#include "base/status.h"
#include "retrieval/api/limits.h"
#include "retrieval/field_values.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/ingest/line_reader.h"
#include "services/cli/document_stream.h"
#include "services/cli/input_bytes.h"
#include "services/cli/interrupt.h"
#include "services/cli/remote_collection.h"
#include "services/client/remote_administrator.h"
#include "services/client/remote_searcher.h"

namespace foraker::cli {
namespace {

using retrieval::InputKind;
using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = size_t{1} << 20;

// Strings of a vector's terms, by their keys.
using TermNames = std::map<index::TermKey, std::string>;

absl::StatusOr<std::vector<retrieval::NamedTerm>> NamedVector(const index::Document& document,
                                                              const TermNames& names) {
  std::vector<retrieval::NamedTerm> terms;
  for (const index::Passage& passage : document.passages) {
    const index::SparseVector& vector = passage.vector;
    const bool positions =
        std::any_of(vector.positions.begin(), vector.positions.end(),
                    [](index::Position position) { return position != index::kNoPosition; });
    if (positions) {
      return absl::InvalidArgumentError(
          "\"positions\" are taken by a batch build alone: use --data, or leave them out");
    }
    for (size_t i = 0; i < vector.keys.size(); ++i) {
      terms.push_back({retrieval::NamedTerm::Kind::kImported, names.at(vector.keys[i]),
                       base::Float16ToFloat(vector.weights[i])});
    }
  }
  return terms;
}

class RemoteIndex {
 public:
  RemoteIndex(const client::ServerOptions& server, const retrieval::BatchBuildOptions& build,
              retrieval::WriteWait wait)
      : server_(server),
        build_(build),
        wait_(wait),
        reader_(build.inputs),
        parser_(build.kind, build.drop_small_weights),
        input_total_(InputBytes(build.inputs)) {}

  absl::StatusOr<RemoteIndexResult> Run() {
    ASSIGN_OR_RETURN(const auto searcher, client::ConnectSearcher(server_));
    ASSIGN_OR_RETURN(const auto administrator, client::ConnectAdministrator(server_));
    ASSIGN_OR_RETURN(const bool created,
                     PrepareRemoteCollection(*searcher, *administrator, build_, reader_));
    RETURN_IF_ERROR(StartStreams());
    RETURN_IF_ERROR(SendAll());
    for (const auto& stream : streams_) {
      RETURN_IF_ERROR(stream->Finish());
      result_.sequence = std::max(result_.sequence, stream->sequence());
    }
    ReportErrors();
    result_.created = created;
    result_.seconds = Seconds();
    return result_;
  }

 private:
  absl::Status StartStreams() {
    const uint32_t count =
        build_.threads > 0 ? build_.threads : std::max(1u, std::thread::hardware_concurrency());
    for (uint32_t i = 0; i < count; ++i) {
      ASSIGN_OR_RETURN(streams_.emplace_back(),
                       DocumentStream::Start(server_, static_cast<int>(i), build_.collection, wait_,
                                             [this](LineAddress line, const auto& outcome) {
                                               return Count(line, outcome);
                                             }));
    }
    return absl::OkStatus();
  }

  absl::Status SendAll() {
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<retrieval::LineBatch> batch, reader_.Next(kReadBytes));
      if (!batch.has_value()) return absl::OkStatus();
      for (const retrieval::Line& line : batch->lines) RETURN_IF_ERROR(Send(line));
      if (StopRequested()) return absl::CancelledError("interrupted");
      ReportErrors();
      ShowProgress(batch->bytes_consumed);
    }
  }

  absl::Status Send(const retrieval::Line& line) {
    const LineAddress address{line.file, line.number};
    absl::StatusOr<retrieval::PutRequest> document = Parse(line);
    if (!document.ok()) return Reject(address, document.status());
    DocumentStream& stream = *streams_[std::hash<std::string>{}(document->id) % streams_.size()];
    return stream.Add(*std::move(document), address);
  }

  absl::StatusOr<retrieval::PutRequest> Parse(const retrieval::Line& line) {
    if (line.too_long) {
      return absl::InvalidArgumentError(
          absl::StrFormat("the line is longer than %d bytes", retrieval::kMaxLineBytes));
    }
    TermNames names;
    ASSIGN_OR_RETURN(index::Document parsed,
                     parser_.Parse(line.text, [&names](index::TermKey key, std::string_view utf8) {
                       names.emplace(key, utf8);
                     }));
    result_.dropped_terms += parser_.dropped_terms();
    retrieval::PutRequest document;
    document.fields = retrieval::ToFieldValues(parsed.fields);
    if (build_.kind == InputKind::kVectors) {
      ASSIGN_OR_RETURN(document.vector, NamedVector(parsed, names));
    }
    document.id = std::move(parsed.id);
    document.title = std::move(parsed.title);
    document.text = std::move(parsed.text);
    return CheckSize(std::move(document));
  }

  // The document, unless it is too large for a request. The server would refuse the whole batch.
  absl::StatusOr<retrieval::PutRequest> CheckSize(retrieval::PutRequest document) const {
    retrieval::WriteRequest alone;
    alone.collection = build_.collection;
    alone.writes.push_back({std::move(document), std::nullopt});
    RETURN_IF_ERROR(retrieval::CheckLimits(alone, limits_));
    return std::get<retrieval::PutRequest>(std::move(alone.writes.front().change));
  }

  // On the threads of the streams.
  absl::Status Count(LineAddress line, const retrieval::WriteOutcome& outcome) {
    if (!outcome.status.ok()) return Reject(line, outcome.status);
    base::MutexLock lock(&mutex_);
    ++result_.documents;
    if (outcome.existed) ++result_.replaced;
    result_.dropped_tokens += outcome.dropped_tokens;
    return absl::OkStatus();
  }

  absl::Status Reject(LineAddress address, const absl::Status& status) {
    retrieval::LineError error{build_.inputs[address.file], address.line,
                               std::string(base::ToStd(status.message()))};
    if (build_.strict) return absl::InvalidArgumentError(error.ToString());
    base::MutexLock lock(&mutex_);
    ++result_.rejected;
    errors_.push_back(std::move(error));
    return absl::OkStatus();
  }

  // On the caller's thread: callbacks belong there.
  void ReportErrors() {
    std::vector<retrieval::LineError> errors;
    {
      base::MutexLock lock(&mutex_);
      errors.swap(errors_);
    }
    for (const retrieval::LineError& error : errors) build_.on_line_error(error);
  }

  void ShowProgress(uint64_t input_bytes) {
    retrieval::BuildProgress progress{};
    progress.stage = retrieval::BuildStage::kIndexing;
    {
      base::MutexLock lock(&mutex_);
      progress.documents = result_.documents;
    }
    progress.input_bytes = input_bytes;
    progress.input_total = input_total_;
    progress.seconds = Seconds();
    build_.on_progress(progress);
  }

  double Seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  const client::ServerOptions& server_;
  const retrieval::BatchBuildOptions& build_;
  const retrieval::WriteWait wait_;
  retrieval::LineReader reader_;
  retrieval::DocumentParser parser_;
  const retrieval::RequestLimits limits_;
  const uint64_t input_total_;
  const Clock::time_point start_ = Clock::now();
  base::Mutex mutex_;  // guards the counts, and the errors that are not reported yet
  RemoteIndexResult result_;
  std::vector<retrieval::LineError> errors_;
  std::vector<std::unique_ptr<DocumentStream>> streams_;  // last: their threads use the rest
};

}  // namespace

absl::StatusOr<RemoteIndexResult> RunRemoteIndex(const client::ServerOptions& server,
                                                 const retrieval::BatchBuildOptions& build,
                                                 retrieval::WriteWait wait) {
  return RemoteIndex(server, build, wait).Run();
}

}  // namespace foraker::cli
