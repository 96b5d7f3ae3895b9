#include "agent/trace/trace_line.h"

#include <array>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/trace/difference.h"
#include "base/crc32c.h"
#include "base/status.h"

namespace foraker::agent::trace {
namespace {

// ---- what a callee never says ----

void CheckRange(retrieval::ByteRange range, ReadState& state) {
  if (range.begin > range.end) state.Refuse("has a range that ends before it begins");
}

template <typename Call, typename ReplyOf>
void Check(const Call&, const ReplyOf&, ReadState&) {}

void Check(const SearchCall&, const Found& found, ReadState& state) {
  for (const Passage& passage : found.passages) CheckRange(passage.range, state);
}

void Check(const TryCall& call, const std::vector<Found>& all, ReadState& state) {
  if (all.size() != call.queries.size()) state.Refuse("does not have a list for each query");
  for (const Found& found : all) Check(SearchCall(), found, state);
}

void Check(const std::string& text, const std::vector<retrieval::AnalyzedTerm>& terms,
           ReadState& state) {
  for (const retrieval::AnalyzedTerm& term : terms) {
    CheckRange(term.range, state);
    if (term.range.end > text.size()) state.Refuse("has a range behind the text's end");
  }
}

void Check(const std::vector<retrieval::PassageName>&, const std::vector<retrieval::Link>& links,
           ReadState& state) {
  for (const retrieval::Link& link : links) CheckRange(link.range, state);
}

void Check(const RankCall& call, const retrieval::RankResult& result, ReadState& state) {
  std::vector<bool> seen(call.documents.size());
  for (const retrieval::RankedDocument& document : result.documents) {
    if (document.index >= seen.size()) return state.Refuse("ranks a document that was not sent");
    if (seen[document.index]) return state.Refuse("ranks a document twice");
    seen[document.index] = true;
  }
}

// ---- lines ----

// A line that was read, and how a recorder would have written it.
template <typename T>
struct Line {
  T value;
  Json written;
};

template <typename Call, typename ReplyOf>
Line<CallLine> ReadCall(CallKind kind, const Json& json, ReadState& state) {
  Call call;
  ReplyOf reply{};
  std::optional<Failure> failure;
  MemberReader member(json, state);
  member(CallName(kind), call);
  member("error", failure);
  if (!failure) member("reply", reply);
  if (failure && failure->code == absl::StatusCode::kOk) {
    state.Below("error.code", [&] { state.Expect("a code other than OK"); });
  }
  if (!failure) state.Below("reply", [&] { Check(call, reply, state); });
  Line<CallLine> line;
  if (!state.ok()) return line;
  absl::StatusOr<ReplyOf> outcome = std::move(reply);
  if (failure) outcome = absl::Status(failure->code, failure->message);
  line.written = EncodeCall(kind, call, outcome);
  line.value.kind = kind;
  line.value.call = Encode(call);
  if (outcome.ok()) {
    line.value.reply = Reply(*std::move(outcome));
  } else {
    line.value.reply = outcome.status();
  }
  return line;
}

Line<CallLine> ReadNow(CallKind kind, const Json& json, ReadState& state) {
  absl::Time now;
  MemberReader(json, state)(CallName(kind), now);
  return {{kind, Json(), Reply(now)}, EncodeNow(now)};
}

using Reader = Line<CallLine> (*)(CallKind, const Json&, ReadState&);
constexpr std::array<Reader, 8> kReaders = {
    ReadNow,
    ReadCall<Nothing, Nothing>,
    ReadCall<SearchCall, Found>,
    ReadCall<TryCall, std::vector<Found>>,
    ReadCall<std::string, std::vector<retrieval::AnalyzedTerm>>,
    ReadCall<std::vector<retrieval::PassageName>, std::vector<retrieval::Link>>,
    ReadCall<RankCall, retrieval::RankResult>,
    ReadCall<ChatRequest, ChatReply>,
};
constexpr std::array<std::string_view, 8> kCallNames = {"now",     "pin",   "search", "try",
                                                        "analyze", "links", "rank",   "chat"};

Line<CallLine> ReadAnyCall(const Json& json, ReadState& state) {
  for (size_t i = 0; i < kReaders.size(); ++i) {
    if (json.contains(std::string(kCallNames[i]))) {
      return kReaders[i](static_cast<CallKind>(i), json, state);
    }
  }
  state.Refuse("expected now, pin, search, try, analyze, links, rank, chat or, at the end, result");
  return {};
}

absl::Status AtLine(size_t number, const absl::Status& status) {
  return base::Annotate(status, absl::StrCat("trace:", number));
}

absl::Status CheckWriting(std::string_view text, const Json& json, const Json& written) {
  if (Dump(written) == text) return absl::OkStatus();
  const std::optional<Difference> difference = FirstDifference(json, written);
  if (!difference) {
    return absl::InvalidArgumentError(
        "is not written as a trace is: other spacing, escapes or order of members");
  }
  return absl::InvalidArgumentError(absl::StrCat(difference->path, ": expected ", difference->right,
                                                 ", found ", difference->left));
}

absl::StatusOr<Json> ParseObject(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("expected a JSON object");
  return json;
}

absl::StatusOr<Header> ReadHeader(std::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseObject(text));
  ReadState state;
  uint64_t format = 0;
  MemberReader(json, state)("trace", format);
  if (state.ok() && format != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("the trace has format ", format, ", this program reads and writes ", kFormat));
  }
  Header header;
  Decode(json, header, state);
  RETURN_IF_ERROR(state.status());
  RETURN_IF_ERROR(CheckWriting(text, json, EncodeHeader(header)));
  return header;
}

absl::StatusOr<CallLine> ReadCallLine(std::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseObject(text));
  ReadState state;
  Line<CallLine> line = ReadAnyCall(json, state);
  RETURN_IF_ERROR(state.status());
  RETURN_IF_ERROR(CheckWriting(text, json, line.written));
  return std::move(line.value);
}

absl::StatusOr<Json> ReadResult(std::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseObject(text));
  if (!json.contains("result")) {
    return absl::InvalidArgumentError("the trace ends without its result");
  }
  ReadState state;
  AskResult result;
  MemberReader(json, state)("result", result);
  RETURN_IF_ERROR(state.status());
  Json written = EncodeResult(result);
  RETURN_IF_ERROR(CheckWriting(text, json, written));
  return written;
}

// The text up to the next line's end, which it must have; drops both from `rest`.
absl::StatusOr<std::string_view> NextLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) {
    return absl::InvalidArgumentError(rest.empty() ? "the trace ends without its result"
                                                   : "the line is cut off");
  }
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string_view CallName(CallKind kind) { return kCallNames[static_cast<size_t>(kind)]; }

Header MakeHeader(const AskRequest& request, const AgentOptions& options) {
  std::string examples;
  if (!options.examples.empty()) {
    examples = absl::StrFormat("%08x-%d", base::Crc32c(std::as_bytes(std::span(options.examples))),
                               options.examples.size());
  }
  return {kFormat, request, options.stop_policy.Fingerprint(), std::move(examples),
          options.chat_model};
}

Json EncodeHeader(const Header& header) { return Encode(header); }
Json EncodeNow(absl::Time now) { return {{CallName(CallKind::kNow), Encode(now)}}; }
Json EncodeResult(const AskResult& result) { return {{"result", Encode(result)}}; }

absl::StatusOr<Trace> ParseTrace(std::string_view text) {
  std::string_view rest = text;
  Trace trace;
  for (size_t number = 1;; ++number) {
    const absl::StatusOr<std::string_view> line = NextLine(rest);
    if (!line.ok()) return AtLine(number, line.status());
    if (number == 1) {
      absl::StatusOr<Header> header = ReadHeader(*line);
      if (!header.ok()) return AtLine(number, header.status());
      trace.header = *std::move(header);
    } else if (rest.empty()) {
      absl::StatusOr<Json> result = ReadResult(*line);
      if (!result.ok()) return AtLine(number, result.status());
      trace.result = *std::move(result);
      return trace;
    } else {
      absl::StatusOr<CallLine> call = ReadCallLine(*line);
      if (!call.ok()) return AtLine(number, call.status());
      trace.calls.push_back(*std::move(call));
    }
  }
}

}  // namespace foraker::agent::trace
