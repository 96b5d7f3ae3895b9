// Traces: a run that was recorded is replayed to the same bytes, whatever
// happened in it; a trace that was changed is refused with the line and member
// where it first differs.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/llm/react_parser.h"
#include "agent/trace/trace.h"
#include "agent/trace/trace_line.h"
#include "base/string_view.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using trace::Json;

std::vector<Passage> Library() {
  return {
      MakePassage("king", "Stephen King", "Stephen King wrote Carrie, a novel of 1974."),
      MakePassage("carrie", "Carrie", "Carrie was filmed by Brian De Palma in 1976."),
      MakePassage("palma", "Brian De Palma", "Brian De Palma was born in Newark."),
      MakePassage("newark", "Newark", "Newark is a city in New Jersey, founded in 1666."),
      MakePassage("bytes", "Odd bytes", "Newark \xff\xfe is not UTF-8."),
  };
}

AskRequest Question() {
  AskRequest request;
  request.collection = "library";
  request.question = "Where was the director of the film Carrie born?";
  return request;
}

// Each call takes a while, so that clock readings differ.
FakeBackend Backend() {
  FakeBackend backend(Library());
  backend.takes = [](CallKind kind) { return absl::Microseconds(100 + static_cast<int>(kind)); };
  return backend;
}

struct Recorded {
  AskResult result;
  std::string trace;
};

Recorded Record(FakeBackend& backend, const AskRequest& request, const AgentOptions& options = {}) {
  const auto recorder = TraceRecorder::Make(backend, request, options);
  absl::StatusOr<AskResult> result = RunQuestion(request, options, *recorder, {});
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return {};
  std::string trace = recorder->Finish(*result);
  return {*std::move(result), std::move(trace)};
}

Recorded RecordExtractive() {
  FakeBackend backend = Backend();
  return Record(backend, Question());
}

// A language model plans and answers, a ranking model orders.
Recorded RecordModels(AgentOptions options = {}) {
  FakeBackend backend = Backend();
  backend.rank_score = [](const retrieval::RankDocument& document) {
    return 1 / static_cast<float>(document.text.size());
  };
  backend.chat = [said = 0](const ChatRequest&) mutable {
    const std::vector<std::string> replies = {
        FormatReactStep("Who filmed it?", Tool::kSearch, "Brian De Palma"),
        FormatReactStep("Where is that?", Tool::kSearch, "Newark city"),
        FormatReactStep("Done.", Tool::kFinish, ""), "Reasoning: it says so.\nAnswer: Newark"};
    return ChatReply{replies[std::min<size_t>(static_cast<size_t>(said++), 3)], "stop", 90, 12,
                     true};
  };
  AskRequest request = Question();
  request.planner = PlannerKind::kLlm;
  request.answerer = AnswererKind::kLlm;
  request.rerank = AgentRerank{4};
  return Record(backend, request, options);
}

std::vector<std::string> Lines(const std::string& trace) {
  std::vector<std::string> lines = absl::StrSplit(trace, '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

std::string Text(const std::vector<std::string>& lines) {
  return absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

// The place of the first line of that kind.
size_t LineOf(const std::vector<std::string>& lines, std::string_view kind) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with(absl::StrCat("{\"", base::ToAbsl(kind), "\":"))) return i;
  }
  ADD_FAILURE() << "no line of " << kind;
  return 0;
}

absl::Status Replayed(const std::string& trace, const AgentOptions& options = {}) {
  const absl::StatusOr<AskResult> result = ReplayTrace(trace, options, {});
  EXPECT_EQ(result.ok() ? result->trace : trace, trace);
  return result.status();
}

void ExpectSameBytes(const Recorded& run, const AgentOptions& options = {}) {
  const absl::StatusOr<AskResult> again = ReplayTrace(run.trace, options, {});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->trace, run.trace);
  EXPECT_EQ(trace::Dump(trace::EncodeResult(*again)), trace::Dump(trace::EncodeResult(run.result)));
}

void ExpectError(const std::string& trace, absl::StatusCode code, std::string_view message) {
  const absl::Status status = Replayed(trace);
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(base::ToStd(status.message()), message);
}

TEST(TraceReplay, ARunWithoutModelsReplaysToTheSameBytes) {
  const Recorded run = RecordExtractive();
  for (const char* kind : {"now", "pin", "search", "try", "analyze", "links"})
    LineOf(Lines(run.trace), kind);
  ExpectSameBytes(run);
}

TEST(TraceReplay, ARunWithModelsReplaysToTheSameBytes) {
  const Recorded run = RecordModels();
  EXPECT_EQ(run.result.bill.searches, 3u);
  for (const char* kind : {"now", "pin", "search", "rank", "chat"}) LineOf(Lines(run.trace), kind);
  ExpectSameBytes(run);
}

TEST(TraceReplay, ARunWithoutTimeReplaysToTheSameBytes) {
  FakeBackend backend(Library());
  backend.takes = [](CallKind) { return absl::Seconds(8); };
  const Recorded run = Record(backend, Question());
  EXPECT_EQ(run.result.stopped_by, StoppedBy::kTime);
  ExpectSameBytes(run);
}

TEST(TraceReplay, FailuresReplayWithoutTheirWaits) {
  FakeBackend backend = Backend();
  int asked = 0;
  backend.fails = [&asked](CallKind kind) {
    if (kind != CallKind::kSearch || ++asked % 3 == 0) return absl::OkStatus();
    return absl::UnavailableError("away \xff");
  };
  const Recorded run = Record(backend, Question());
  EXPECT_GE(backend.sleeps.size(), 2u);
  const std::vector<std::string> lines = Lines(run.trace);
  EXPECT_TRUE(
      absl::StrContains(lines[LineOf(lines, "search")], R"("error":{"code":"UNAVAILABLE")"));
  ExpectSameBytes(run);
}

TEST(TraceReplay, EventsComeAgain) {
  const Recorded run = RecordModels();
  std::string thoughts;
  std::vector<uint32_t> steps;
  const AskEvents events{
      [&](uint32_t, std::string_view piece) { thoughts += piece; },
      [&](const Step& step, const Trajectory&) { steps.push_back(step.number); }};
  ASSERT_TRUE(ReplayTrace(run.trace, {}, events).ok());
  EXPECT_EQ(steps, (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(absl::StrContains(thoughts, "Who filmed it?")) << thoughts;
}

// ---- traces that were changed ----

using Visit = std::function<void(const std::string& path, Json& leaf)>;

void VisitLeaves(const std::string& path, Json& json, const Visit& visit) {
  if (json.is_object()) {
    for (auto& [name, member] : json.items())
      VisitLeaves(absl::StrCat(path, path.empty() ? "" : ".", name), member, visit);
  } else if (json.is_array()) {
    for (size_t i = 0; i < json.size(); ++i)
      VisitLeaves(absl::StrCat(path, "[", i, "]"), json[i], visit);
  } else {
    visit(path, json);
  }
}

void Change(Json& leaf) {
  if (leaf.is_boolean()) {
    leaf = !leaf.get<bool>();
  } else if (leaf.is_string()) {
    leaf = leaf.get<std::string>() + "x";
  } else if (leaf.is_number_float()) {
    leaf = leaf.get<double>() + 0.5;
  } else {
    leaf = leaf.get<uint64_t>() + 1;
  }
}

// Calls `check` with each trace that has one leaf of one line changed.
void ChangeEachLeaf(const std::string& trace,
                    const std::function<void(const std::string& changed, size_t number,
                                             const std::string& path)>& check) {
  std::vector<std::string> lines = Lines(trace);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = lines[i];
    Json json = Json::parse(line);
    VisitLeaves("", json, [&](const std::string& path, Json& leaf) {
      const Json kept = leaf;
      Change(leaf);
      lines[i] = trace::Dump(json);
      check(Text(lines), i + 1, path);
      leaf = kept;
    });
    lines[i] = line;
  }
}

TEST(TraceReplay, EveryChangeOfACallOrOfTheResultIsToldByLineAndMember) {
  for (const Recorded& run : {RecordExtractive(), RecordModels()}) {
    std::set<std::string> kinds;
    ChangeEachLeaf(run.trace, [&](const std::string& changed, size_t number,
                                  const std::string& path) {
      const std::string kind = path.substr(0, path.find_first_of(".["));
      if (number == 1 || kind == "now" || kind == "reply") return;
      const absl::Status status = Replayed(changed);
      const bool malformed = status.code() == absl::StatusCode::kInvalidArgument;
      EXPECT_TRUE(malformed || status.code() == absl::StatusCode::kDataLoss) << status;
      // A string of base64 is not shown by itself.
      const std::string member = path.ends_with(".base64") ? path.substr(0, path.size() - 7) : path;
      EXPECT_TRUE(status.message().find(absl::StrCat("trace:", number, ": ", member)) == 0)
          << status << "\n changed: " << path;
      kinds.insert(kind);
    });
    EXPECT_TRUE(kinds.contains("search") && kinds.contains("result"));
  }
}

TEST(TraceReplay, AnyOtherChangeIsToldOrReplaysToItsOwnBytes) {
  for (const Recorded& run : {RecordExtractive(), RecordModels()}) {
    size_t told = 0, changes = 0;
    ChangeEachLeaf(
        run.trace, [&](const std::string& changed, size_t number, const std::string& path) {
          if (number > 1 && path != "now" && !path.starts_with("reply")) return;
          if (++changes % 3 != 0) return;                 // some will do
          const absl::Status status = Replayed(changed);  // the same bytes where it is OK
          if (status.ok()) return;
          ++told;
          EXPECT_TRUE(status.message().find("trace:") == 0) << status << "\n changed: " << path;
        });
    EXPECT_GT(told, changes / 12);
  }
}

TEST(TraceReplay, ACallThatIsNotTheRecordedOneIsNamed) {
  std::vector<std::string> lines = Lines(RecordExtractive().trace);
  const size_t search = LineOf(lines, "search");
  lines[search] = lines[LineOf(lines, "pin")];
  ExpectError(Text(lines), absl::StatusCode::kDataLoss,
              absl::StrCat("trace:", search + 1,
                           ": the run asks for search \"Where was the director "
                           "of the film Carrie "
                           "born?\" where the trace has pin"));
}

TEST(TraceReplay, ATraceThatLacksALineIsTold) {
  const Recorded run = RecordModels();
  const std::vector<std::string> lines = Lines(run.trace);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> fewer = lines;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    const absl::Status status = Replayed(Text(fewer));
    EXPECT_FALSE(status.ok()) << "without line " << i + 1;
    EXPECT_TRUE(absl::StartsWith(status.message(), "trace:")) << status;
  }
}

TEST(TraceReplay, CallsThatTheRunDoesNotMakeAreTold) {
  std::vector<std::string> lines = Lines(RecordExtractive().trace);
  const size_t end = lines.size() - 1;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(end), lines[LineOf(lines, "pin")]);
  ExpectError(Text(lines), absl::StatusCode::kDataLoss,
              absl::StrCat("trace:", end + 1, ": the run ends where the trace has pin"));
}

TEST(TraceReplay, ARunThatFailsIsTold) {
  std::vector<std::string> lines = Lines(RecordExtractive().trace);
  const size_t pin = LineOf(lines, "pin");
  lines[pin] = R"({"pin":{},"error":{"code":"NOT_FOUND","message":"no such collection"}})";
  const absl::Status status = Replayed(Text(lines));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(), "no such collection")) << status;
}

TEST(TraceReplay, AnotherPolicyExamplesOrModelIsToldFirst) {
  const StopFeatures weights{.searches = 1};
  AgentOptions recorded;
  recorded.stop_policy = StopPolicy(weights, -1, 0.5, "here");
  recorded.chat_model = "small";
  Recorded run = RecordModels(recorded);
  ExpectSameBytes(run, recorded);

  AgentOptions other = recorded;
  other.chat_model.clear();
  ExpectSameBytes(run, other);  // nobody is asked

  std::vector<std::string> lines = Lines(run.trace);
  lines[LineOf(lines, "search")] = R"({"pin":{},"reply":{}})";
  const std::string damaged = Text(lines);
  other.chat_model = "large";
  absl::Status status = Replayed(damaged, other);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(base::ToStd(status.message()),
            "trace:1: chat_model: the trace was made with small, the replay "
            "has large");
  other.examples = "Question: x";
  status = Replayed(damaged, other);
  EXPECT_TRUE(absl::StartsWith(status.message(), "trace:1: examples: ")) << status;
  other.stop_policy = StopPolicy(weights, -2, 0.5, "there");
  status = Replayed(damaged, other);
  EXPECT_TRUE(absl::StartsWith(status.message(), "trace:1: stop_policy: ")) << status;
}

// ---- files that are no traces ----

TEST(TraceReplay, FilesThatAreNoTracesAreRefusedWithLineAndMember) {
  const std::vector<std::string> lines = Lines(RecordModels().trace);
  const auto with = [&](std::string_view kind, std::string line) {
    std::vector<std::string> changed = lines;
    changed[LineOf(lines, kind)] = std::move(line);
    return Text(changed);
  };
  const auto at = [&](std::string_view kind, std::string_view message) {
    return absl::StrCat("trace:", LineOf(lines, kind) + 1, ": ", base::ToAbsl(message));
  };
  const auto bad = absl::StatusCode::kInvalidArgument;
  ExpectError("", bad, "trace:1: the trace ends without its result");
  ExpectError(lines[0], bad, "trace:1: the line is cut off");
  ExpectError(lines[0] + "\n", bad, "trace:2: the trace ends without its result");
  ExpectError("[]\n", bad, "trace:1: expected a JSON object");
  ExpectError("{}\n", bad, "trace:1: trace: is missing");
  ExpectError("{\"trace\":2}\n", absl::StatusCode::kFailedPrecondition,
              "trace:1: the trace has format 2, this program reads and writes 1");
  ExpectError(with("pin", "{"), bad, at("pin", "expected a JSON object"));
  ExpectError(with("pin", R"({"guess":1})"), bad,
              at("pin",
                 "expected now, pin, search, try, analyze, links, rank, chat "
                 "or, at the end, result"));
  ExpectError(with("pin", R"({"pin":{}})"), bad, at("pin", "reply: is missing"));
  ExpectError(with("pin", R"({"pin":{},"reply":{},"more":1})"), bad,
              at("pin", "more: expected nothing, found 1"));
  ExpectError(with("pin", R"({"pin": {},"reply":{}})"), bad,
              at("pin",
                 "is not written as a trace is: other spacing, escapes "
                 "or order of members"));
  ExpectError(with("pin", R"({"pin":{},"error":{"code":"OK","message":""}})"), bad,
              at("pin", "error.code: expected a code other than OK"));
  ExpectError(with("now", R"({"now":"soon"})"), bad,
              at("now", "now: expected a time as in 2026-01-02T03:04:05.5Z"));
  Json rank = Json::parse(lines[LineOf(lines, "rank")]);
  rank["reply"]["documents"][0]["index"] = rank["rank"]["documents"].size();
  ExpectError(with("rank", trace::Dump(rank)), bad,
              at("rank", "reply: ranks a document that was not sent"));
}

TEST(TraceReplay, EveryQueryThatWasTriedHasItsList) {
  std::vector<std::string> lines = Lines(RecordExtractive().trace);
  const size_t line = LineOf(lines, "try");
  Json tried = Json::parse(lines[line]);
  tried["reply"].erase(0);
  lines[line] = trace::Dump(tried);
  ExpectError(Text(lines), absl::StatusCode::kInvalidArgument,
              absl::StrCat("trace:", line + 1, ": reply: does not have a list for each query"));
}

TEST(TraceReplay, DamagedBytesAreToldOrReplayToThemselves) {
  const std::string trace = RecordModels().trace;
  std::mt19937 random(20260102);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = trace;
    const size_t place = random() % damaged.size();
    switch (random() % 3) {
      case 0:
        damaged[place] = static_cast<char>(random());
        break;
      case 1:
        damaged.erase(place, 1 + random() % 50);
        break;
      default:
        damaged.resize(place);
    }
    const absl::Status status = Replayed(damaged);
    EXPECT_TRUE(status.ok() || absl::StartsWith(status.message(), "trace:")) << status;
  }
}

}  // namespace
}  // namespace foraker::agent
