// Ranking through the server: gRPC by the client and by stubs.

#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "rank_server_fixture.h"

namespace foraker::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(RankServerTest, TheClientSeesWhatTheRerankerSaid) {
  Start();
  retrieval::RankRequest request;
  request.query = "lens";
  request.documents = {{"T", "one"}, {"", "three"}, {"", "x"}};
  request.options.top_n = 2;
  request.options.variant = retrieval::RankVariant::kPaper;
  const auto result = Connect()->Rank(request);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->documents.size(), 2u);
  EXPECT_EQ(result->documents[0].index, 1u);
  EXPECT_EQ(result->documents[1].index, 0u);
  EXPECT_EQ(result->documents[1].tokens_read, 4u);
  EXPECT_EQ(result->tokens, 10u);
  EXPECT_EQ(result->variant, retrieval::RankVariant::kPaper);
  EXPECT_EQ(result->model, "fake");
  ASSERT_EQ(reranker_->requests().size(), 1u);
  EXPECT_EQ(reranker_->requests()[0].documents[0].title, "T");
}

TEST_F(RankServerTest, DocumentsMayBeNamedByTheirIds) {
  Start();
  v1::RankRequest request = Texts();
  request.set_collection("books");
  request.mutable_documents(1)->set_id("d7");
  v1::RankResponse response;
  const grpc::Status status = Rank(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.documents(0).index(), 1u);  // "Title" and "Text" are the longest
  EXPECT_EQ(response.documents(0).id(), "d7");
  EXPECT_EQ(response.documents(1).id(), "");
  request.mutable_documents(1)->set_id("missing");
  EXPECT_EQ(Rank(request).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(searcher_->pinned().empty());
}

TEST_F(RankServerTest, ManyDocumentsAreReadOnOneSnapshot) {
  Start();
  v1::RankRequest request;
  request.set_query("lens");
  request.set_collection("books");
  for (int i = 0; i < 40; ++i) request.add_documents()->set_id(absl::StrCat("d", i));
  v1::RankResponse response;
  const grpc::Status status = Rank(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.documents_size(), 40);
  EXPECT_EQ(response.documents(39).id(), "d39");
  EXPECT_THAT(searcher_->pinned(), ElementsAre("token-1"));
  EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
}

TEST_F(RankServerTest, AListHasDocumentsAndNotTooMany) {
  Start();
  v1::RankRequest request = Texts();
  while (request.documents_size() < 41) *request.add_documents() = request.documents(0);
  EXPECT_EQ(Rank(request).error_message(), "documents: expected 1 to 40 documents, got 41");
  request.clear_documents();
  EXPECT_EQ(Rank(request).error_message(), "documents: expected 1 to 40 documents, got 0");
  request = Texts();
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(77, 1);
  EXPECT_THAT(Rank(request).error_message(), HasSubstr("request: unknown field 77"));
  EXPECT_TRUE(reranker_->requests().empty());
}

TEST_F(RankServerTest, AServerWithoutAModelSaysWhichSettingNamesOne) {
  config::Settings settings;
  settings.listen = settings.http_listen = "127.0.0.1:0";
  StartServer(settings);
  for (const grpc::Status& status : {Rank(Texts()), Search(Reranked())}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(status.error_message(), HasSubstr("set rank.model"));
  }
  EXPECT_EQ(Http().Get("/readyz")->status, 200);
}

TEST_F(RankServerTest, WhileTheModelIsLoadedSearchesAreAnsweredAndTheServerIsNotReady) {
  Start({}, /*open=*/false);
  EXPECT_EQ(Rank(Texts()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Search(Reranked()).error_message(), HasSubstr("still being loaded"));
  EXPECT_TRUE(Search(Plain()).ok());
  EXPECT_EQ(Http().Get("/readyz")->status, 503);
  server_->OpenRanker(Ranker());
  EXPECT_TRUE(Rank(Texts()).ok());
  EXPECT_EQ(Http().Get("/readyz")->status, 200);
}

TEST_F(RankServerTest, TheModelIsDescribed) {
  Start();
  grpc::ClientContext context;
  v1::RankModel model;
  ASSERT_TRUE(rank_->GetRankModel(&context, {}, &model).ok());
  EXPECT_EQ(model.name(), "fake");
  EXPECT_EQ(model.max_documents(), 40u);
}

TEST_F(RankServerTest, OverloadAnswersWithTheTimeToRetry) {
  reranker_->on_rank = [](const auto&) { return absl::ResourceExhaustedError("no room"); };
  Start();
  grpc::ClientContext context, second;
  v1::RankResponse ranked;
  EXPECT_EQ(rank_->Rank(&context, Texts(), &ranked).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailing = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailing.count("retry-after-ms"), 1u);
  EXPECT_EQ(trailing.find("retry-after-ms")->second, "1234");
  searcher_->result = FullResult();
  v1::SearchResponse found;
  EXPECT_EQ(search_->Search(&second, Reranked(), &found).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(second.GetServerTrailingMetadata().find("retry-after-ms")->second, "1234");
  const auto refused = Http().Post(
      "/v1/rank", R"({"query": "q", "documents": [{"text": {"text": "t"}}]})", "application/json");
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->get_header_value("Retry-After"), "2");
}

TEST_F(RankServerTest, TheClientWaitsAndTriesAgain) {
  reranker_->on_rank =
      [this](const retrieval::RankRequest& request) -> absl::StatusOr<retrieval::RankResult> {
    if (reranker_->requests().size() == 1) return absl::ResourceExhaustedError("no room");
    return FakeReranker::ByLength(request);
  };
  Start();
  const auto client = Connect();
  const retrieval::RankRequest request{"lens", {{"", "text"}}, {}};
  EXPECT_TRUE(client->Rank(request).ok());
  EXPECT_EQ(reranker_->requests().size(), 2u);
}

TEST_F(RankServerTest, AListKnowsItsCallerAndItsDeadline) {
  Start();
  grpc::ClientContext context;
  const absl::Time deadline = absl::Now() + absl::Seconds(50);
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::RankResponse response;
  ASSERT_TRUE(rank_->Rank(&context, Texts(), &response).ok());
  const retrieval::RankOptions options = reranker_->requests().at(0).options;
  EXPECT_EQ(options.caller, "ipv4:127.0.0.1");
  EXPECT_LT(absl::AbsDuration(options.deadline - deadline), absl::Seconds(5));
}

TEST_F(RankServerTest, AClientThatGoesAwayEndsItsList) {
  RunUntilCancelled();
  Start();
  grpc::ClientContext context;
  v1::RankResponse response;
  grpc::Status status;
  std::thread caller([&] { status = rank_->Rank(&context, Texts(), &response); });
  started_.WaitForNotification();
  context.TryCancel();
  caller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  server_->Stop();  // ends, so the list has ended
}

TEST_F(RankServerTest, TheRemoteRerankerIsCancelledByItsCaller) {
  RunUntilCancelled();
  Start();
  retrieval::RankRequest request{"lens", {{"", "text"}}, {}};
  request.options.cancelled = [this] { return started_.HasBeenNotified(); };
  EXPECT_EQ(Connect()->Rank(request).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(RankServerTest, ASearchIsRerankedAndNeverKeepsPlainOnesWaiting) {
  Hold();
  searcher_->result = FullResult();
  config::Settings settings;
  settings.threads = 1;
  Start(settings);
  v1::SearchResponse found;
  grpc::Status status;
  std::thread caller([&] { status = Search(Reranked(), &found); });
  started_.WaitForNotification();
  EXPECT_TRUE(Search(Plain()).ok());
  release_.Notify();
  caller.join();
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(found.hits_size(), 1);
  EXPECT_TRUE(found.hits(0).has_rank_score());
  EXPECT_EQ(found.hits(0).retrieval_score(), 1.5f);
  const retrieval::RankRequest list = reranker_->requests().at(0);
  EXPECT_EQ(list.query, "lens");
  EXPECT_THAT(list.documents.at(0).text, HasSubstr("The Grand Canal."));
  EXPECT_EQ(list.options.caller, "ipv4:127.0.0.1");
}

TEST_F(RankServerTest, ABatchMayHoldReranks) {
  searcher_->result = FullResult();
  Start();
  v1::BatchSearchRequest batch;
  batch.set_collection("books");
  for (int i = 0; i < 3; ++i) *batch.add_requests() = i == 1 ? Plain() : Reranked();
  grpc::ClientContext context;
  v1::BatchSearchResponse response;
  const grpc::Status status = search_->BatchSearch(&context, batch, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 3);
  for (const v1::BatchSearchResult& result : response.results()) {
    EXPECT_TRUE(result.has_response()) << result.error().message();
  }
  EXPECT_EQ(reranker_->requests().size(), 2u);
}

}  // namespace
}  // namespace foraker::server
