// Random planners, budgets, delays and failures on a virtual clock: whatever happens, the bill
// stays within the budget, the end before the deadline, and the same seed gives the same run.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/answering.h"
#include "agent/loop.h"
#include "agent/tokens.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  // From 0 to most, the same on every machine.
  uint64_t UpTo(uint64_t most) { return random_() % (most + 1); }
  bool OneIn(uint64_t times) { return UpTo(times - 1) == 0; }

 private:
  std::mt19937_64 random_;
};

const std::vector<std::string>& Vocabulary() {
  static const auto& words = *new std::vector<std::string>{
      "red", "blue", "green", "fish", "stone", "river", "king", "war", "song", "ship"};
  return words;
}

std::string RandomText(Dice& dice, size_t most_words) {
  std::vector<std::string> words;
  const size_t count = 1 + dice.UpTo(most_words - 1);
  for (size_t i = 0; i < count; ++i) {
    words.push_back(Vocabulary()[dice.UpTo(Vocabulary().size() - 1)]);
  }
  return absl::StrJoin(words, " ");
}

std::vector<Passage> RandomCollection(Dice& dice) {
  std::vector<Passage> passages;
  const size_t count = dice.UpTo(30);
  for (size_t i = 0; i < count; ++i) {
    passages.push_back(
        MakePassage(absl::StrCat("d", dice.UpTo(20)), RandomText(dice, 2), RandomText(dice, 25)));
    passages.back().ordinal = static_cast<uint32_t>(i);
  }
  return passages;
}

absl::Status RandomFailure(Dice& dice) {
  switch (dice.UpTo(5)) {
    case 0:
      return absl::UnavailableError("unavailable");
    case 1:
      return absl::ResourceExhaustedError("overloaded");
    case 2:
      return absl::DeadlineExceededError("some deadline");
    case 3:
      return absl::CancelledError("by a proxy");
    case 4:
      return absl::InvalidArgumentError("invalid");
    default:
      return absl::InternalError("internal");
  }
}

// Calls whatever it likes, passes errors on or hides them.
class RandomPlanner : public Planner {
 public:
  explicit RandomPlanner(Dice& dice) : dice_(dice) {}

  uint32_t FirstPassages(const Budget&) const override { return 3; }
  absl::StatusOr<Action> Next(const Trajectory& trajectory, Session& session,
                              const OnText&) override {
    const uint64_t calls = dice_.UpTo(4);
    for (uint64_t i = 0; i < calls; ++i) {
      const absl::Status status = AnyCall(trajectory, session);
      if (!status.ok() && !dice_.OneIn(3)) return status;
    }
    if (dice_.OneIn(12)) return absl::DataLossError("no such reply");
    Action action;
    if (dice_.OneIn(15)) return action;
    action.tool = Tool::kSearch;
    action.query.text = RandomText(dice_, 3);
    action.query.passages = static_cast<uint32_t>(dice_.UpTo(5));
    return action;
  }

 private:
  absl::Status AnyCall(const Trajectory& trajectory, Session& session) {
    const uint64_t choice = dice_.UpTo(3);
    if (choice == 0) {
      SearchQuery query;
      query.text = RandomText(dice_, 3);
      return session.Search(query, static_cast<uint32_t>(1 + dice_.UpTo(20))).status();
    }
    if (choice == 1) return session.Analyze(RandomText(dice_, 5)).status();
    if (choice == 2) {
      std::vector<retrieval::PassageName> names;
      for (const ReadPassage& read : trajectory.passages) {
        names.push_back({read.passage.document_id, read.passage.ordinal});
      }
      return session.Links(names).status();
    }
    ChatRequest request;
    request.messages = {{"user", RandomText(dice_, 60)}};
    request.max_tokens = static_cast<uint32_t>(1 + dice_.UpTo(300));
    return session.Chat(request, nullptr).status();
  }

  Dice& dice_;
};

class ChattingAnswerer : public Answerer {
 public:
  absl::StatusOr<Answer> Find(const Trajectory& trajectory, Session& session) override {
    ChatRequest request;
    request.messages = {{"user", trajectory.question}};
    const absl::Status status = session.Chat(request, nullptr).status();
    if (!status.ok()) return status;
    return Answer{};
  }
};

struct Outcome {
  absl::Status status;
  LoopResult run;
  Bill bill;
  Budget budget;
  absl::Time start, ends, end;
};

Budget RandomBudget(Dice& dice, absl::Time now) {
  Budget budget;
  budget.searches = static_cast<uint32_t>(1 + dice.UpTo(6));
  budget.passages = static_cast<uint32_t>(1 + dice.UpTo(15));
  budget.tokens = dice.OneIn(3) ? 0 : dice.UpTo(800);
  budget.time = absl::Milliseconds(1 + dice.UpTo(3'000));
  if (dice.OneIn(2)) budget.deadline = now + absl::Milliseconds(dice.UpTo(3'000));
  return budget;
}

Outcome RunSeed(uint64_t seed) {
  Dice dice(seed);
  FakeBackend backend(RandomCollection(dice));
  const uint64_t slowness = 1 + dice.UpTo(400);
  const uint64_t failing = 2 + dice.UpTo(30);
  backend.takes = [&](CallKind) { return absl::Microseconds(dice.UpTo(slowness * 1'000)); };
  backend.fails = [&](CallKind) {
    return dice.OneIn(failing) ? RandomFailure(dice) : absl::OkStatus();
  };
  backend.rank_score = [&](const auto&) { return static_cast<float>(dice.UpTo(9)); };
  backend.chat = [&](const ChatRequest& request) {
    return ChatReply{.text = RandomText(dice, 9),
                     .finish_reason = "stop",
                     .tokens_in = PromptTokensAtMost(request.messages) / (1 + dice.UpTo(2)),
                     .tokens_out = dice.UpTo(request.max_tokens),
                     .counted_by_server = true};
  };
  AskRequest request;
  request.question = RandomText(dice, 8);
  Outcome outcome;
  outcome.start = backend.now;
  outcome.budget = request.budget = RandomBudget(dice, backend.now);
  request.passages_per_search = static_cast<uint32_t>(dice.OneIn(2) ? 0 : 1 + dice.UpTo(4));
  if (dice.OneIn(2)) {
    request.rerank = AgentRerank{.candidates = static_cast<uint32_t>(1 + dice.UpTo(20))};
  }

  Meter meter(request.budget, backend.now);
  outcome.ends = backend.call_bound = meter.ends();
  Session session(backend, meter, {});
  RandomPlanner planner(dice);
  absl::StatusOr<LoopResult> run = RunLoop(request, planner, session, {});
  outcome.status = run.status();
  if (run.ok()) {
    std::vector<std::unique_ptr<Answerer>> answerers;
    answerers.push_back(std::make_unique<ChattingAnswerer>());
    EXPECT_TRUE(MakeAnswer(answerers, *run, session).ok());
    outcome.run = *std::move(run);
  }
  outcome.bill = meter.bill();
  outcome.end = backend.now;
  return outcome;
}

// Everything that a run did, as text.
std::string Describe(const Outcome& outcome) {
  std::string text = absl::StrCat(outcome.status.ToString(), " ",
                                  std::string(StoppedByName(outcome.run.stopped_by)), "\n");
  for (const Step& step : outcome.run.trajectory.steps) {
    absl::StrAppend(&text, step.number, " ", step.query.text, " ", step.observation.error, " ",
                    step.observation.rerank_error, " ", step.observation.known, " ",
                    step.observation.exact, " ", absl::FormatDuration(step.took), " [",
                    absl::StrJoin(step.observation.read, " "), "]\n");
  }
  for (const ReadPassage& read : outcome.run.trajectory.passages) {
    absl::StrAppend(&text, read.passage.document_id, ":", read.passage.ordinal, " ", read.step, " ",
                    read.tokens, " ", read.passage.score, "\n");
  }
  const Bill& bill = outcome.bill;
  absl::StrAppend(&text, bill.searches, " ", bill.retrieval_calls, " ", bill.passages, " ",
                  bill.documents, " ", bill.passage_tokens, " ", bill.chat_calls, " ",
                  bill.chat_tokens_in, " ", bill.chat_tokens_out, " ", bill.rank_tokens);
  absl::StrAppend(&text, " ", absl::FormatDuration(outcome.end - outcome.start));
  return text;
}

void ExpectWithinBudget(const Outcome& outcome) {
  const Budget& budget = outcome.budget;
  const Bill& bill = outcome.bill;
  EXPECT_LE(bill.searches, budget.searches);
  EXPECT_LE(bill.passages, budget.passages);
  EXPECT_LE(bill.searches, bill.retrieval_calls);
  if (budget.tokens != 0) {
    EXPECT_LE(bill.passage_tokens + bill.chat_tokens_in + bill.chat_tokens_out, budget.tokens);
  }
  EXPECT_LE(outcome.end, std::max(outcome.start, outcome.ends));
}

void ExpectConsistent(const Outcome& outcome) {
  const Trajectory& trajectory = outcome.run.trajectory;
  std::set<std::pair<std::string, uint32_t>> read;
  std::set<std::string> documents;
  uint64_t tokens = 0;
  for (const ReadPassage& passage : trajectory.passages) {
    EXPECT_TRUE(read.emplace(passage.passage.document_id, passage.passage.ordinal).second)
        << "read twice: " << passage.passage.document_id;
    documents.insert(passage.passage.document_id);
    tokens += passage.tokens;
  }
  EXPECT_EQ(outcome.bill.passages, trajectory.passages.size());
  EXPECT_EQ(outcome.bill.documents, documents.size());
  EXPECT_EQ(outcome.bill.passage_tokens, tokens);
  size_t listed = 0;
  uint32_t searches = 0;
  std::set<std::set<std::string>> queries;
  for (size_t i = 0; i < trajectory.steps.size(); ++i) {
    const Step& step = trajectory.steps[i];
    EXPECT_EQ(step.number, i);
    for (const size_t place : step.observation.read) {
      EXPECT_EQ(place, listed++);
      EXPECT_EQ(trajectory.passages.at(place).step, i);
    }
    if (step.tool != Tool::kSearch || !step.observation.error.empty()) continue;
    ++searches;
    EXPECT_TRUE(queries.insert(WordsOf(step.query.text)).second)
        << "searched twice: " << step.query.text;
  }
  EXPECT_EQ(listed, trajectory.passages.size());
  EXPECT_EQ(outcome.bill.searches, searches);
}

TEST(LoopPropertyTest, NoRunExceedsItsBudgetAndTheSameSeedGivesTheSameRun) {
  std::set<std::string> stops;
  size_t failed = 0;
  for (uint64_t seed = 0; seed < 4'000; ++seed) {
    const Outcome outcome = RunSeed(seed);
    ExpectWithinBudget(outcome);
    if (outcome.status.ok()) {
      ExpectConsistent(outcome);
      stops.emplace(StoppedByName(outcome.run.stopped_by));
    } else {
      ++failed;
    }
    EXPECT_EQ(Describe(RunSeed(seed)), Describe(outcome));
    ASSERT_FALSE(HasFailure()) << "seed " << seed << "\n" << Describe(outcome);
  }
  EXPECT_EQ(stops, (std::set<std::string>{"finished", "searches", "passages", "tokens", "time",
                                          "deadline", "tool_failure"}))
      << "the random runs no longer reach every end";
  EXPECT_LT(failed, 2'000u) << "most runs end at their first search";
}

}  // namespace
}  // namespace foraker::agent
