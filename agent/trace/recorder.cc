#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/trace/trace.h"
#include "agent/trace/trace_line.h"

namespace foraker::agent {
namespace {

using trace::CallKind;

class Recorder final : public TraceRecorder {
 public:
  Recorder(Backend& backend, const trace::Header& header) : backend_(backend) {
    Append(trace::EncodeHeader(header));
  }

  absl::Time Now() override {
    const absl::Time now = backend_.Now();
    Append(trace::EncodeNow(now));
    return now;
  }
  void Sleep(absl::Duration duration) override { backend_.Sleep(duration); }
  absl::Status Pin() override {
    absl::StatusOr<trace::Nothing> pinned = trace::Nothing();
    if (absl::Status status = backend_.Pin(); !status.ok()) pinned = status;
    return Record(CallKind::kPin, trace::Nothing(), std::move(pinned)).status();
  }
  absl::StatusOr<Found> Search(const SearchCall& call) override {
    return Record(CallKind::kSearch, call, backend_.Search(call));
  }
  absl::StatusOr<std::vector<Found>> Try(const TryCall& call) override {
    return Record(CallKind::kTry, call, backend_.Try(call));
  }
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) override {
    return Record(CallKind::kAnalyze, std::string(text), backend_.Analyze(text));
  }
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages) override {
    return Record(CallKind::kLinks, passages, backend_.Links(passages));
  }
  absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) override {
    return Record(CallKind::kRank, call, backend_.Rank(call));
  }
  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override {
    return Record(CallKind::kChat, request, backend_.Chat(request, on_text));
  }

  std::string Finish(const AskResult& result) override {
    Append(trace::EncodeResult(result));
    return std::move(lines_);
  }

 private:
  void Append(const trace::Json& line) { absl::StrAppend(&lines_, trace::Dump(line), "\n"); }

  template <typename Call, typename Reply>
  absl::StatusOr<Reply> Record(CallKind kind, const Call& call, absl::StatusOr<Reply> reply) {
    Append(trace::EncodeCall(kind, call, reply));
    return reply;
  }

  Backend& backend_;
  std::string lines_;
};

}  // namespace

std::unique_ptr<TraceRecorder> TraceRecorder::Make(Backend& backend, const AskRequest& request,
                                                   const AgentOptions& options) {
  return std::make_unique<Recorder>(backend, trace::MakeHeader(request, options));
}

}  // namespace foraker::agent
