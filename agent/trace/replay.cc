#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "agent/check_request.h"
#include "agent/trace/difference.h"
#include "agent/trace/trace.h"
#include "agent/trace/trace_line.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

using trace::CallKind;
using trace::Json;

// "search "who was...", as far as a person needs it to find the call.
std::string Summary(CallKind kind, const Json& call) {
  std::string summary(trace::CallName(kind));
  const Json* text = &call;
  for (const char* name : {"text", "query"}) {
    if (call.is_object() && call.contains(name)) text = &call[name];
  }
  if (text->is_string()) absl::StrAppend(&summary, " ", trace::Show(*text));
  return summary;
}

// Serves a trace's replies. On the first call that is not the recorded one it keeps what differs;
// from then on every call fails with kCancelled, which ends the run.
class ReplayBackend final : public Backend {
 public:
  explicit ReplayBackend(const std::vector<trace::CallLine>& calls) : calls_(calls) {}

  const absl::Status& difference() const { return difference_; }
  // After the run: OK when it made every call and gave this result.
  absl::Status End(const Json& recorded, const absl::StatusOr<AskResult>& result);

  absl::Time Now() override {
    const absl::StatusOr<absl::Time> now = Next<absl::Time>(CallKind::kNow, Json());
    if (now.ok()) now_ = *now;
    return now_;
  }
  void Sleep(absl::Duration) override {}
  absl::Status Pin() override {
    return Next<trace::Nothing>(CallKind::kPin, trace::Encode(trace::Nothing())).status();
  }
  absl::StatusOr<Found> Search(const SearchCall& call) override {
    return Next<Found>(CallKind::kSearch, trace::Encode(call));
  }
  absl::StatusOr<std::vector<Found>> Try(const TryCall& call) override {
    return Next<std::vector<Found>>(CallKind::kTry, trace::Encode(call));
  }
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) override {
    return Next<std::vector<retrieval::AnalyzedTerm>>(CallKind::kAnalyze,
                                                      trace::Encode(std::string(text)));
  }
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages) override {
    return Next<std::vector<retrieval::Link>>(CallKind::kLinks, trace::Encode(passages));
  }
  absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) override {
    return Next<retrieval::RankResult>(CallKind::kRank, trace::Encode(call));
  }
  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override {
    absl::StatusOr<ChatReply> reply = Next<ChatReply>(CallKind::kChat, trace::Encode(request));
    if (reply.ok() && on_text) on_text(reply->text);
    return reply;
  }

 private:
  size_t line() const { return next_ + 2; }  // behind the header, from 1
  std::string Recorded() const {
    return next_ < calls_.size() ? Summary(calls_[next_].kind, calls_[next_].call) : "the result";
  }
  absl::Status Differ(absl::string_view what) {
    difference_ = absl::DataLossError(absl::StrCat("trace:", line(), ": ", what));
    return Differs();
  }
  absl::Status Differs() const { return absl::CancelledError("the replay differs"); }

  template <typename Reply>
  absl::StatusOr<Reply> Next(CallKind kind, const Json& call);

  const std::vector<trace::CallLine>& calls_;
  size_t next_ = 0;
  absl::Time now_;
  absl::Status difference_;
};

template <typename Reply>
absl::StatusOr<Reply> ReplayBackend::Next(CallKind kind, const Json& call) {
  if (!difference_.ok()) return Differs();
  if (next_ == calls_.size() || calls_[next_].kind != kind) {
    return Differ(absl::StrCat("the run asks for ", Summary(kind, call), " where the trace has ",
                               Recorded()));
  }
  const trace::CallLine& recorded = calls_[next_];
  if (const auto difference = trace::FirstDifference(recorded.call, call)) {
    const bool joined = difference->path.empty() || difference->path.front() == '[';
    return Differ(absl::StrCat(base::ToAbsl(trace::CallName(kind)), joined ? "" : ".",
                               difference->path, ": the run asks for ", difference->right,
                               " where the trace has ", difference->left));
  }
  ++next_;
  if (!recorded.reply.ok()) return recorded.reply.status();
  return std::get<Reply>(*recorded.reply);
}

absl::Status ReplayBackend::End(const Json& recorded, const absl::StatusOr<AskResult>& result) {
  if (!difference_.ok()) return difference_;
  if (!result.ok()) {
    Differ(absl::StrCat("the run fails (", result.status().message(), ") where the trace has ",
                        Recorded()))
        .IgnoreError();
  } else if (next_ < calls_.size()) {
    Differ(absl::StrCat("the run ends where the trace has ", Recorded())).IgnoreError();
  } else if (const auto difference =
                 trace::FirstDifference(recorded, trace::EncodeResult(*result))) {
    Differ(absl::StrCat(difference->path, ": the run gives ", difference->right,
                        " where the trace has ", difference->left))
        .IgnoreError();
  }
  return difference_;
}

// Before the run: what decided then must decide now.
absl::Status CheckSame(absl::string_view what, const std::string& recorded,
                       const std::string& given) {
  if (recorded == given) return absl::OkStatus();
  const auto name = [](const std::string& value) {
    return value.empty() ? "the built-in one" : value;
  };
  return absl::FailedPreconditionError(absl::StrCat("trace:1: ", what, ": the trace was made with ",
                                                    name(recorded), ", the replay has ",
                                                    name(given)));
}

absl::Status CheckOptions(const trace::Header& recorded, const AgentOptions& options) {
  const trace::Header given = trace::MakeHeader({}, options);
  RETURN_IF_ERROR(CheckSame("stop_policy", recorded.stop_policy, given.stop_policy));
  RETURN_IF_ERROR(CheckSame("examples", recorded.examples, given.examples));
  // A replay asks no model, so it need not name one.
  if (given.chat_model.empty()) return absl::OkStatus();
  return CheckSame("chat_model", recorded.chat_model, given.chat_model);
}

}  // namespace

absl::StatusOr<AskResult> ReplayTrace(std::string_view text, const AgentOptions& options,
                                      const AskEvents& events) {
  ASSIGN_OR_RETURN(const trace::Trace trace, trace::ParseTrace(text));
  RETURN_IF_ERROR(CheckOptions(trace.header, options));

  ReplayBackend replay(trace.calls);
  AskRequest request = trace.header.request;
  request.cancelled = [&replay] { return !replay.difference().ok(); };
  AgentOptions replayed = options;  // whoever recorded may allow more
  replayed.max_searches = std::max(options.max_searches, request.budget.searches);
  replayed.max_passages = std::max(options.max_passages, request.budget.passages);
  replayed.max_time = std::max(options.max_time, request.budget.time);
  replayed.chat_model = trace.header.chat_model;
  RETURN_IF_ERROR(base::Annotate(CheckRequest(request, replayed), "trace:1: request"));

  const std::unique_ptr<TraceRecorder> recorder = TraceRecorder::Make(replay, request, replayed);
  absl::StatusOr<AskResult> result = RunQuestion(request, replayed, *recorder, events);
  RETURN_IF_ERROR(replay.End(trace.result, result));
  result->trace = recorder->Finish(*result);
  return result;
}

}  // namespace foraker::agent
