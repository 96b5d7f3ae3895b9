// Writing documents to live collections.

#include "retrieval/local_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/string_view.h"
#include "retrieval/encoding_budget.h"
#include "retrieval/request_hash.h"
#include "tests/retrieval/live_directory.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

class LocalWriterTest : public ::testing::Test {
 protected:
  LocalWriterTest() { live_.Create("books"); }

  WriteReply Write(std::vector<DocumentWrite> writes) {
    return live_.Write("books", std::move(writes));
  }

  LiveDirectory live_;
};

Filter Equals(std::string field, Value value) {
  Filter filter;
  filter.kind = Filter::Kind::kEquals;
  filter.field = std::move(field);
  filter.values = {std::move(value)};
  return filter;
}

TEST_F(LocalWriterTest, AWriteIsFoundByTheNextSearch) {
  const WriteReply reply = Write({Put("moby", "The white whale."), Put("jaws", "A white shark.")});
  ASSERT_EQ(reply.outcomes.size(), 2u);
  EXPECT_TRUE(reply.outcomes[0].status.ok()) << reply.outcomes[0].status;
  EXPECT_FALSE(reply.outcomes[0].existed);
  EXPECT_THAT(live_.Find("books", "shark"), ElementsAre("jaws"));
  EXPECT_EQ(live_.Get("books", "moby").version, reply.outcomes[0].version);

  const WriteReply second = Write({Put("moby", "Ahab."), Delete("jaws"), Delete("none")});
  EXPECT_TRUE(second.outcomes[0].existed);
  EXPECT_GT(second.outcomes[0].version, reply.outcomes[0].version);
  EXPECT_TRUE(second.outcomes[1].status.ok());
  EXPECT_EQ(second.outcomes[2].status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(live_.Find("books", "white"), IsEmpty());
  EXPECT_THAT(live_.Find("books", "ahab"), ElementsAre("moby"));
}

TEST_F(LocalWriterTest, WhatOneDocumentIsRefusedForLeavesTheOthersAlone) {
  Write({Put("a", "one", {{"year", {int64_t{1851}}}})});
  DocumentWrite with_vector = Put("d", "four");
  std::get<PutRequest>(with_vector.change).vector = {
      {.kind = NamedTerm::Kind::kImported, .text = "t", .weight = 1}};
  DocumentWrite twice =
      Put("e", "five", {{"tag", {std::string("x")}}, {"tag", {std::string("y")}}});
  const WriteReply reply = Write({Put("b", "two", {{"year", {std::string("then")}}}),
                                  Put("c", "three", {{"year", {int64_t{1900}}}}), with_vector,
                                  twice, SetField("a", "year", 1.5)});
  EXPECT_THAT(Message(reply.outcomes[0].status), HasSubstr("year"));
  EXPECT_TRUE(reply.outcomes[1].status.ok()) << reply.outcomes[1].status;
  EXPECT_THAT(Message(reply.outcomes[2].status), HasSubstr("vector"));
  EXPECT_THAT(Message(reply.outcomes[3].status), HasSubstr("occurs twice"));
  for (const size_t refused : {0, 2, 3, 4}) {
    EXPECT_EQ(reply.outcomes[refused].status.code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(live_.Describe("books").documents, 2u);
}

TEST_F(LocalWriterTest, ARequestThatIsSentAgainIsNotDoneAgain) {
  WriteRequest request;
  request.collection = "books";
  request.request_id = "r1";
  request.writes = {Put("a", "whale", {{"n", {int64_t{1}}}, {"tag", {std::string("x")}}}),
                    Put("b", "whale", {{"n", {std::string("refused")}}})};
  const auto first = live_.writer().Write(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->repeated);
  Write({Delete("a")});

  // Fields of a document have no order.
  std::swap(std::get<PutRequest>(request.writes[0].change).fields[0],
            std::get<PutRequest>(request.writes[0].change).fields[1]);
  for (int process = 0; process < 2; ++process) {
    const auto again = live_.writer().Write(request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->sequence, first->sequence);
    ASSERT_EQ(again->outcomes.size(), 2u);
    EXPECT_EQ(again->outcomes[0].version, first->outcomes[0].version);
    EXPECT_EQ(again->outcomes[1].status, first->outcomes[1].status);
    EXPECT_THAT(live_.Find("books", "whale"), IsEmpty());
    live_.Reopen();
  }
  request.writes.pop_back();
  EXPECT_EQ(live_.writer().Write(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RequestHashTest, EveryPartOfAWriteCounts) {
  WriteRequest request;
  request.writes = {Put("a", "text", {{"n", {int64_t{1}}}}, "title"),
                    SetField("b", "n", int64_t{1})};
  const uint64_t hash = HashOf(request);
  std::vector<WriteRequest> others(7, request);
  std::get<PutRequest>(others[0].writes[0].change).text = "texts";
  std::get<PutRequest>(others[1].writes[0].change).fields[0].second[0] = 1.0;
  std::get<UpdateFieldsRequest>(others[2].writes[1].change).clear = {"n"};
  others[3].writes[0].if_version = 0;
  std::swap(others[4].writes[0], others[4].writes[1]);
  others[5].writes[1] = Delete("b");
  std::get<PutRequest>(others[6].writes[0].change).title = "";
  for (const WriteRequest& other : others) EXPECT_NE(HashOf(other), hash);
  request.wait_for = WriteWait::kLog;
  EXPECT_EQ(HashOf(request), hash);
}

TEST_F(LocalWriterTest, AConditionThatDoesNotHoldIsAborted) {
  const uint64_t version = Write({Put("a", "one")}).outcomes[0].version;
  const WriteReply refused = Write({If(0, Put("a", "two")), If(version + 7, Delete("a"))});
  for (const WriteOutcome& outcome : refused.outcomes) {
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(outcome.version, version);
  }
  EXPECT_TRUE(Write({If(version, Put("a", "two"))}).outcomes[0].status.ok());
  EXPECT_TRUE(Write({If(0, Put("b", "two"))}).outcomes[0].status.ok());
  EXPECT_THAT(live_.Find("books", "two"), UnorderedElementsAre("a", "b"));
}

TEST_F(LocalWriterTest, FieldsChangeWithoutTheText) {
  Write({Put("a", "white whale", {{"year", {int64_t{1851}}}, {"lang", {std::string("en")}}})});
  Write({SetField("a", "year", int64_t{1852}), SetField("a", "stars", int64_t{5})});
  WriteRequest clear;
  clear.collection = "books";
  clear.writes = {
      {.change = UpdateFieldsRequest{.id = "a", .set = {}, .clear = {"lang"}}, .if_version = {}}};
  ASSERT_TRUE(live_.writer().Write(clear).ok());
  const DocumentView document = live_.Get("books", "a");
  EXPECT_EQ(document.text, "white whale");
  EXPECT_THAT(document.fields,
              UnorderedElementsAre(std::pair("year", std::vector<Value>{int64_t{1852}}),
                                   std::pair("stars", std::vector<Value>{int64_t{5}})));
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("a"));
}

TEST_F(LocalWriterTest, DeclaredTypesConvertValuesAndOutliveAnEmptyCollection) {
  CreateRequest request;
  request.collection = "films";
  request.fields = {{"seen", "timestamp"}, {"stars", "real"}};
  ASSERT_TRUE(live_.admin().CreateCollection(request).ok());
  live_.Reopen();
  const WriteReply reply = live_.Write(
      "films",
      {Put("a", "x", {{"seen", {std::string("2024-05-31T08:00:00Z")}}, {"stars", {int64_t{4}}}}),
       Put("b", "x", {{"seen", {std::string("yesterday")}}})});
  EXPECT_TRUE(reply.outcomes[0].status.ok()) << reply.outcomes[0].status;
  EXPECT_EQ(reply.outcomes[1].status.code(), absl::StatusCode::kInvalidArgument);
  const DocumentView document = live_.Get("films", "a");
  EXPECT_THAT(
      document.fields,
      UnorderedElementsAre(std::pair("seen", std::vector<Value>{absl::FromUnixSeconds(1717142400)}),
                           std::pair("stars", std::vector<Value>{4.0})));
}

TEST_F(LocalWriterTest, ImportedVectorsAreWrittenAsTheyAre) {
  CreateRequest request;
  request.collection = "vectors";
  request.encoder = "vectors";
  ASSERT_TRUE(live_.admin().CreateCollection(request).ok());
  const auto put = [](std::string id, std::vector<NamedTerm> vector) {
    DocumentWrite write = Put(std::move(id), "");
    std::get<PutRequest>(write.change).vector = std::move(vector);
    return write;
  };
  const auto term = [](std::string token, float weight) {
    return NamedTerm{
        .kind = NamedTerm::Kind::kImported, .text = std::move(token), .weight = weight};
  };
  const WriteReply reply = live_.Write(
      "vectors", {put("a", {term("x", 2), term("y", 1)}), put("b", {term("x", 1)}), put("c", {}),
                  put("d", {term("x", 1e9f)}), put("e", {term("x", 1), term("x", 2)})});
  EXPECT_TRUE(reply.outcomes[0].status.ok()) << reply.outcomes[0].status;
  for (const size_t refused : {2, 3, 4}) {
    EXPECT_EQ(reply.outcomes[refused].status.code(), absl::StatusCode::kInvalidArgument);
  }
  SearchRequest search;
  search.collection = "vectors";
  search.query = SparseQuery{.terms = {term("x", 0.5)}};
  search.explain = true;
  const auto found = live_.searcher().Search(search);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->hits.size(), 2u);
  EXPECT_EQ(found->hits[0].document.id, "a");
  EXPECT_EQ(found->hits[0].score, 1.0f);
  EXPECT_EQ(found->hits[0].explanation->terms[0].term, "x");
}

TEST_F(LocalWriterTest, ADeadlineThatHasPassedWritesNothing) {
  WriteRequest request;
  request.collection = "books";
  request.writes = {Put("a", "one")};
  request.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(live_.writer().Write(request).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(live_.Describe("books").documents, 0u);
}

TEST_F(LocalWriterTest, AnUnknownCollectionIsNotMade) {
  WriteRequest request;
  request.collection = "none";
  request.writes = {Put("a", "one")};
  EXPECT_EQ(live_.writer().Write(request).status().code(), absl::StatusCode::kNotFound);
}

TEST(EncodingBudgetTest, BytesAreRefusedAndRequestsWait) {
  EncodingBudget budget(100, 1);
  std::optional<absl::StatusOr<EncodingBudget::Lease>> large(
      budget.Borrow(1'000, absl::InfiniteFuture()));
  ASSERT_TRUE(large->ok());
  EXPECT_EQ(budget.Borrow(1, absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kResourceExhausted);
  large.reset();
  const auto held = budget.Borrow(10, absl::InfiniteFuture());
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(budget.Borrow(10, absl::Now() + absl::Milliseconds(5)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(LocalWriterTest, DeletingWhatAFilterLetsThroughLeavesTheRest) {
  std::vector<DocumentWrite> writes;
  for (int64_t i = 0; i < 900; ++i) {
    writes.push_back(Put(absl::StrCat("d", i), "text", {{"group", {i % 3}}}));
  }
  Write(writes);
  const auto deleted =
      live_.writer().DeleteMatching({.collection = "books", .filter = Equals("group", int64_t{1})});
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->deleted, 300u);
  EXPECT_EQ(live_.Describe("books").documents, 600u);
  EXPECT_EQ(live_.writer()
                .DeleteMatching({.collection = "books", .filter = Equals("typo", int64_t{1})})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(LocalWriterTest, WhatIsChangedWhileAFilterDeletesIsLookedAtAgain) {
  std::vector<DocumentWrite> writes;
  for (int64_t i = 0; i < 1'000; ++i) {
    writes.push_back(Put(absl::StrCat("d", i), "text", {{"keep", {false}}}));
  }
  Write(writes);
  std::atomic<bool> done = false;
  std::thread rescue([&] {
    for (int i = 0; i < 1'000 && !done; i += 50) {
      std::vector<DocumentWrite> rescued;
      for (int j = i; j < i + 50; j += 2) {
        rescued.push_back(SetField(absl::StrCat("d", j), "keep", true));
        rescued.push_back(SetField(absl::StrCat("d", j + 1), "seen", int64_t{1}));
      }
      live_.Write("books", rescued);
    }
  });
  const auto deleted =
      live_.writer().DeleteMatching({.collection = "books", .filter = Equals("keep", false)});
  done = true;
  rescue.join();
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(live_.Describe("books").documents, 1'000 - deleted->deleted);
  SearchRequest left;
  left.collection = "books";
  left.query = TextQuery{.text = "text", .stem_weight = {}, .title_weight = {}};
  left.filter = Equals("keep", false);
  const auto found = live_.searcher().Search(left);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->hits, IsEmpty());
}

}  // namespace
}  // namespace foraker::retrieval
