// Runs against a real language model: where FORAKER_LLM_URL names an OpenAI-compatible endpoint
// (docs/agent.md says how a small one is started). What a model says differs, so what must hold is
// that a run ends well, pays for what it used and cites what it read. The transcript is printed.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "agent/llm/chat_client.h"
#include "agent/llm/llm_answerer.h"
#include "agent/llm/llm_planner.h"
#include "agent/llm/react_parser.h"
#include "agent/loop.h"
#include "agent/session.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Passages from memory, words from the endpoint.
class RealModelBackend : public FakeBackend {
 public:
  RealModelBackend(std::vector<Passage> collection, ChatModel& model)
      : FakeBackend(std::move(collection)), model_(model) {}

  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override {
    ChatRequest real = request;
    real.deadline = absl::Now() + absl::Minutes(3);  // the fake's clock stands still
    const absl::Time begin = absl::Now();
    absl::StatusOr<ChatReply> reply = model_.Chat(real, on_text);
    std::cout << "---- after " << absl::Now() - begin << "\n";
    if (!reply.ok()) {
      std::cout << reply.status() << "\n";
      return reply;
    }
    ++replies;
    strict += ParseReactReply(reply->text, true).value_or(ReactStep()).strict ? 1 : 0;
    std::cout << reply->text << "\n---- " << reply->tokens_in << " + " << reply->tokens_out
              << " tokens" << (reply->counted_by_server ? "" : ", estimated") << "\n";
    return reply;
  }

  int replies = 0, strict = 0;

 private:
  ChatModel& model_;
};

std::vector<Passage> Library() {
  return {
      MakePassage("dune", "Dune (novel)",
                  "Dune is a 1965 science fiction novel by American author Frank Herbert."),
      MakePassage("herbert", "Frank Herbert",
                  "Franklin Patrick Herbert Jr. (born October 8, 1920, in Tacoma, Washington) was "
                  "an American author. He studied in Seattle."),
      MakePassage("tacoma", "Tacoma, Washington",
                  "Tacoma is a city in Pierce County. It was incorporated in 1875."),
      MakePassage("lynch", "Dune (1984 film)",
                  "Dune is a 1984 film by David Lynch, after the novel by Frank Herbert."),
      MakePassage("seattle", "Seattle", "Seattle is a seaport. It was incorporated in 1869."),
  };
}

class RealModelTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string url = Environment("FORAKER_LLM_URL");
    if (url.empty()) GTEST_SKIP() << "FORAKER_LLM_URL names no endpoint";
    auto client = ChatClient::Make({.url = url,
                                    .model = Environment("FORAKER_LLM_MODEL"),
                                    .api_key = Environment("FORAKER__LLM__API_KEY")});
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  std::unique_ptr<ChatClient> client_;
};

TEST_F(RealModelTest, AnswersOrSaysWhyNot) {
  for (const char* question :
       {"In which city was the author of the novel Dune born?",
        "Which city was incorporated first, Tacoma or Seattle?",
        "When was the city in which the author of Dune was born incorporated?"}) {
    std::cout << "==== " << question << "\n";
    RealModelBackend backend(Library(), *client_);
    AskRequest request;
    request.question = question;
    request.budget.searches = 4;
    request.passages_per_search = 2;
    Meter meter(request.budget, backend.now);
    Session session(backend, meter, {});
    const auto planner = MakeLlmPlanner({.passages_per_search = 2});
    ASSERT_TRUE(planner.ok());
    std::string thoughts;
    AskEvents events;
    events.on_thought = [&](uint32_t, std::string_view piece) { thoughts += piece; };
    const absl::StatusOr<LoopResult> result = RunLoop(request, **planner, session, events);
    ASSERT_TRUE(result.ok()) << result.status();
    const absl::StatusOr<Answer> answer = MakeLlmAnswerer()->Find(result->trajectory, session);
    const Bill& bill = meter.bill();
    std::cout << "==== stopped by " << StoppedByName(result->stopped_by) << ", " << bill.searches
              << " searches, " << bill.chat_calls << " chats, " << bill.chat_tokens_in << " + "
              << bill.chat_tokens_out << " tokens, " << backend.strict << " of " << backend.replies
              << " replies strict\n";
    EXPECT_GE(bill.searches, 1u);
    EXPECT_LE(bill.searches, 4u);
    EXPECT_GE(bill.chat_calls, 2u);
    EXPECT_GT(bill.chat_tokens_in, 0u);
    EXPECT_FALSE(thoughts.empty());
    if (!answer.ok()) {  // a small model may answer in no form at all, or not in time
      EXPECT_TRUE(absl::IsDataLoss(answer.status()) || absl::IsDeadlineExceeded(answer.status()))
          << answer.status();
      continue;
    }
    std::cout << "==== answer: " << answer->text << " " << answer->reason << "\n";
    EXPECT_EQ(answer->found, !answer->citations.empty());
    EXPECT_NE(answer->found, answer->text.empty());
    for (const Citation& citation : answer->citations) {
      std::cout << "     " << citation.document_id << ": " << citation.quote << "\n";
    }
  }
}

}  // namespace
}  // namespace foraker::agent
