// The paths of other systems over the whole server: shapes of replies and errors, which collection,
// keys, limits, metrics.

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rank_server_fixture.h"
#include "services/auth/key_file.h"
#include "tests/support/temporary_directory.h"

namespace foraker::server {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class CompatibleHttpTest : public RankServerTest {
 protected:
  // Two hits: one with a title, one whose passage is a part of a text without one.
  void SetUp() override {
    retrieval::SearchHit venice, piece;
    venice.document = {"d1", 9, "Venice", "The Grand Canal.", {}};
    venice.passage_range = {0, 16};
    venice.score = 2;
    piece.document = {"d2", 3, "", "First. Second. Third.", {}};
    piece.passage_range = {7, 14};
    piece.score = 1;
    searcher_->result.hits = {venice, piece};
  }

  static config::Settings Books() {
    config::Settings settings;
    settings.default_collection = "books";
    return settings;
  }

  Json Get(const std::string& path, int status = 200) { return Parsed(Http().Get(path), status); }
  Json Post(const std::string& path, const std::string& body, int status = 200) {
    return Parsed(Http().Post(path, body, "application/json"), status);
  }

  static Json Parsed(const httplib::Result& reply, int status) {
    EXPECT_TRUE(reply) << httplib::to_string(reply.error());
    if (!reply) return {};
    EXPECT_EQ(reply->status, status) << reply->body;
    EXPECT_EQ(reply->get_header_value("Content-Type"), "application/json");
    EXPECT_FALSE(reply->get_header_value("X-Request-Id").empty());
    return Json::parse(reply->body, nullptr, false);
  }
};

// ---- ColBERT's search server ----

TEST_F(CompatibleHttpTest, ASearchIsAnsweredAsColbertDoes) {
  Start(Books());
  const Json reply = Get("/api/search?query=grand%20canal%3F&k=7");
  EXPECT_EQ(reply["query"], "grand canal?");
  ASSERT_EQ(reply["topk"].size(), 2u);
  const Json& first = reply["topk"][0];
  EXPECT_EQ(first["text"], "Venice | The Grand Canal.");
  EXPECT_EQ(first["pid"], "d1");
  EXPECT_EQ(first["rank"], 1);
  EXPECT_EQ(first["score"], 2.0);
  EXPECT_NEAR(first["prob"].get<double>(), 1 / (1 + std::exp(-1)), 1e-12);
  EXPECT_EQ(reply["topk"][1]["text"], "Second.");
  EXPECT_EQ(reply["topk"][1]["rank"], 2);
  const retrieval::SearchRequest asked = searcher_->searches().at(0);
  EXPECT_EQ(asked.collection, "books");
  EXPECT_EQ(asked.k, 7u);
  EXPECT_FALSE(asked.with_fields);
}

TEST_F(CompatibleHttpTest, GreatScoresHaveProbabilitiesToo) {
  searcher_->result.hits[0].score = 5'000;
  Start(Books());
  const Json topk = Get("/api/search?query=q")["topk"];
  EXPECT_EQ(topk[0]["prob"], 1.0);
  EXPECT_EQ(topk[1]["prob"], 0.0);
  searcher_->result.hits.clear();
  EXPECT_EQ(Get("/api/search?query=q")["topk"], Json::array());
}

TEST_F(CompatibleHttpTest, AWrongSearchIsAnErrorInColbertsShape) {
  Start(Books());
  const auto error = [this](const char* parameters) {
    const Json reply = Get(absl::StrCat("/api/search?", parameters), 400);
    EXPECT_EQ(reply["error"], true);
    return reply["message"].get<std::string>();
  };
  EXPECT_THAT(error("k=3"), HasSubstr("query: must be given"));
  EXPECT_THAT(error("query=q&k=0"), HasSubstr("k: expected a whole number of 1 to 10000"));
  EXPECT_THAT(error("query=q&k=10001"), HasSubstr("got \"10001\""));
  EXPECT_THAT(error("query=q&k=ten"), HasSubstr("got \"ten\""));
  EXPECT_THAT(error("query=q&topk=3"), HasSubstr("unknown parameter \"topk\""));
  EXPECT_TRUE(searcher_->searches().empty());
}

TEST_F(CompatibleHttpTest, BytesThatAreNoUtf8AreReplacedInTheReply) {
  Start(Books());
  EXPECT_EQ(Get("/api/search?query=%FF")["query"], "\xEF\xBF\xBD");
}

// ---- which collection ----

TEST_F(CompatibleHttpTest, SeveralCollectionsNeedADefaultOrAName) {
  Start();
  const Json error = Get("/api/search?query=q", 400);
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("server.default_collection"));
  Get("/api/search?query=q&collection=books");
  EXPECT_EQ(searcher_->searches().at(0).collection, "books");
  Post("/retrieve", R"({"queries": ["q"], "collection": "books"})");
  EXPECT_EQ(searcher_->searches().at(1).collection, "books");
  const Json detail = Post("/retrieve", R"({"queries": ["q"]})", 400);
  EXPECT_THAT(detail["detail"].get<std::string>(), HasSubstr("server.default_collection"));
}

TEST_F(CompatibleHttpTest, TheCollectionOfARequestGoesBeforeTheSettings) {
  config::Settings settings;
  settings.default_collection = "films";
  Start(settings);
  EXPECT_EQ(Post("/retrieve", R"({"queries": ["q"]})", 404)["detail"], "there is no collection");
  Post("/retrieve", R"({"queries": ["q"], "collection": "books"})");
}

TEST_F(CompatibleHttpTest, AKeyIsNeededAndItsOnlyCollectionIsTaken) {
  const TemporaryDirectory directory;
  const std::string token = *auth::GenerateToken();
  auth::Key key;
  key.name = "agent";
  key.collections = {"b"};
  key.hash = auth::HashToken(token);
  config::Settings settings;
  settings.keys_file = directory.File("keys.jsonl");
  ASSERT_TRUE(auth::WriteKeyFile({key}, settings.keys_file).ok());
  Start(settings);
  EXPECT_EQ(Get("/api/search?query=q", 401)["error"], true);
  // Who may not come in does not hear what is wrong with a request.
  EXPECT_TRUE(Post("/retrieve", "no JSON", 401)["detail"].is_string());
  EXPECT_TRUE(Post("/v1/rerank", "no JSON", 401)["message"].is_string());
  httplib::Client http = Http();
  http.set_default_headers({{"Authorization", "Bearer " + token}});
  EXPECT_EQ(http.Get("/api/search?query=q")->status, 200);
  EXPECT_EQ(searcher_->searches().at(0).collection, "b");
  EXPECT_EQ(http.Get("/api/search?query=q&collection=books")->status, 403);
}

// ---- Search-R1's retrieval server ----

TEST_F(CompatibleHttpTest, QueriesAreAnsweredAsSearchR1Does) {
  searcher_->result.hits[0].document.title = "Venice\n(city)";
  Start(Books());
  const std::string body = R"({"queries": ["a", "b"], "topk": 5, "return_scores": true})";
  const Json result = Post("/retrieve", body)["result"];
  ASSERT_EQ(result.size(), 2u);
  const Json first = {{"id", "d1"}, {"contents", "\"Venice (city)\"\nThe Grand Canal."}};
  EXPECT_EQ(result[1][0], Json({{"document", first}, {"score", 2.0}}));
  EXPECT_EQ(result[0][1]["document"]["contents"], "\"\"\nSecond.");
  EXPECT_EQ(searcher_->searches().at(0).k, 5u);
  EXPECT_EQ(searcher_->searches().at(0).snapshot, "token-1");
  EXPECT_EQ(searcher_->released(), searcher_->pinned());

  const Json bare = Post("/retrieve", R"({"queries": ["a"], "topk": null})")["result"];
  EXPECT_EQ(bare[0][0], first);
  EXPECT_EQ(searcher_->searches().back().k, 3u);
}

TEST_F(CompatibleHttpTest, NoQueriesHaveNoResults) {
  Start(Books());
  EXPECT_EQ(Post("/retrieve", R"({"queries": []})"), Json({{"result", Json::array()}}));
}

TEST_F(CompatibleHttpTest, AStepsQueriesMayBeMoreThanABatch) {
  searcher_->on_search = [this](const retrieval::SearchRequest& request) {
    retrieval::SearchResult result = searcher_->result;
    result.hits.resize(1);
    result.hits[0].document.id = std::get<retrieval::TextQuery>(request.query).text;
    return result;
  };
  Start(Books());
  Json queries = Json::array();
  for (int i = 0; i < 2'560; ++i) queries.push_back(absl::StrCat(i));
  const Json result = Post("/retrieve", Json({{"queries", queries}, {"topk", 1}}).dump())["result"];
  ASSERT_EQ(result.size(), queries.size());
  for (size_t i = 0; i < result.size(); ++i) EXPECT_EQ(result[i][0]["id"], queries[i]);
  EXPECT_EQ(searcher_->pinned().size(), 1u);  // one snapshot
}

TEST_F(CompatibleHttpTest, AWrongRetrievalIsAnErrorInFastApisShape) {
  Start(Books());
  const auto error = [this](const std::string& body) {
    const Json detail = Post("/retrieve", body, 422)["detail"];
    EXPECT_EQ(detail[0]["loc"], Json::array({"body"}));
    return detail[0]["msg"].get<std::string>();
  };
  EXPECT_THAT(error("{"), HasSubstr("body: expected a JSON object"));
  EXPECT_THAT(error("[]"), HasSubstr("body: expected an object, got a JSON array"));
  EXPECT_THAT(error(R"({"topk": 3})"), HasSubstr("queries: must be given"));
  EXPECT_THAT(error(R"({"queries": "q"})"), HasSubstr("queries: expected an array"));
  EXPECT_THAT(error(R"({"queries": ["q", 7]})"), HasSubstr("queries[1]: expected a string"));
  EXPECT_THAT(error(R"({"queries": ["q"], "topk": 0})"), HasSubstr("topk: expected a whole"));
  EXPECT_THAT(error(R"({"queries": ["q"], "topk": -1})"), HasSubstr("got -1"));
  EXPECT_THAT(error(R"({"queries": ["q"], "topk": 1.5})"), HasSubstr("got 1.5"));
  EXPECT_THAT(error(R"({"queries": ["q"], "return_scores": 1})"), HasSubstr("true or false"));
  EXPECT_THAT(error(R"({"queries": ["q"], "top_k": 3})"), HasSubstr("top_k: not known"));
  EXPECT_THAT(error(R"({"queries": [)" + std::string(40, '[')), HasSubstr("at most 32 deep"));
  Json many = {{"queries", std::vector<std::string>(11, "q")}, {"topk", 10'000}};
  EXPECT_THAT(error(many.dump()), HasSubstr("100000 documents together"));
  EXPECT_TRUE(searcher_->searches().empty());
}

TEST_F(CompatibleHttpTest, ASearchThatFailsNamesItsQuery) {
  searcher_->on_search =
      [this](const retrieval::SearchRequest& request) -> absl::StatusOr<retrieval::SearchResult> {
    if (std::get<retrieval::TextQuery>(request.query).text == "bad")
      return absl::UnavailableError("the disk is gone");
    return searcher_->result;
  };
  Start(Books());
  const Json reply = Post("/retrieve", R"({"queries": ["good", "bad"]})", 503);
  EXPECT_EQ(reply["detail"], "queries[1]: the disk is gone");
}

// ---- Jina and Cohere ----

TEST_F(CompatibleHttpTest, ListsAreRankedAsJinaAndCohereDo) {
  Start();
  const std::string body = R"({"model": "jina-reranker-v2-base-multilingual", "query": "lens",
      "documents": ["aa", {"text": "aaaa", "source": "s"}, "a"], "top_n": 2, "rank_fields": null})";
  const Json first = Post("/v1/rerank", body);
  EXPECT_EQ(first["model"], "fake");
  ASSERT_EQ(first["results"].size(), 2u);
  EXPECT_EQ(first["results"][0]["index"], 1);
  EXPECT_FLOAT_EQ(first["results"][0]["relevance_score"].get<float>(), 0.8f);
  EXPECT_EQ(first["results"][0]["document"], Json({{"text", "aaaa"}, {"source", "s"}}));
  EXPECT_EQ(first["results"][1]["document"], Json::object({{"text", "aa"}}));
  EXPECT_EQ(first["usage"]["total_tokens"], 7);
  EXPECT_EQ(first["meta"]["tokens"]["input_tokens"], 7);
  EXPECT_EQ(first["meta"]["api_version"]["version"], "1");
  EXPECT_FALSE(first["id"].get<std::string>().empty());
  EXPECT_EQ(reranker_->requests().at(0).query, "lens");

  const Json second = Post("/v2/rerank", body);
  EXPECT_EQ(second["meta"]["api_version"]["version"], "2");
  EXPECT_EQ(second["results"][0]["index"], 1);
  EXPECT_FALSE(second["results"][0].contains("document"));
}

TEST_F(CompatibleHttpTest, OptionsOfARerankingReachTheModel) {
  Start();
  Post("/v2/rerank", R"({"query": "q", "documents": ["a"], "top_n": 9, "max_tokens_per_doc": 64,
                         "rank_fields": ["text"]})");
  const retrieval::RankOptions options = reranker_->requests().at(0).options;
  EXPECT_EQ(options.top_n, 1u);  // there is no more
  EXPECT_EQ(options.max_document_tokens, 64u);
}

TEST_F(CompatibleHttpTest, AWrongRerankingIsAnErrorInBothShapes) {
  reranker_->on_rank = [](const auto&) {
    return absl::InvalidArgumentError("max_document_tokens: too few");
  };
  Start();
  const auto error = [this](const char* body) {
    const Json reply = Post("/v1/rerank", body, 400);
    EXPECT_EQ(reply["message"], reply["detail"]);
    EXPECT_FALSE(reply["id"].get<std::string>().empty());
    return reply["message"].get<std::string>();
  };
  EXPECT_THAT(error(R"({"documents": ["a"]})"), HasSubstr("query: must be given"));
  EXPECT_THAT(error(R"({"query": "q"})"), HasSubstr("documents: must be given"));
  EXPECT_THAT(error(R"({"query": "q", "documents": []})"), HasSubstr("1 to 40 documents, got 0"));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a", {"txt": "b"}]})"),
              HasSubstr("documents[1]: expected a string or an object with a \"text\""));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a", null]})"), HasSubstr("documents[1]"));
  EXPECT_THAT(error(R"({"query": "q", "documents": [{"text": 1}]})"),
              HasSubstr("documents[0].text: expected a string, got a JSON number"));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a"], "top_n": 0})"), HasSubstr("top_n"));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a"], "rank_fields": ["title"]})"),
              HasSubstr("rank_fields: expected [\"text\"]"));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a"], "max_chunks_per_doc": 3})"),
              HasSubstr("max_chunks_per_doc: not known to this server"));
  EXPECT_THAT(error(R"({"query": "q", "documents": ["a"], "max_tokens_per_doc": 1})"),
              HasSubstr("max_tokens_per_doc: too few"));
}

TEST_F(CompatibleHttpTest, WithoutAModelThereIsNoReranking) {
  config::Settings settings;
  settings.listen = settings.http_listen = "127.0.0.1:0";
  StartServer(settings);
  const Json reply = Post("/v2/rerank", R"({"query": "q", "documents": ["a"]})", 400);
  EXPECT_THAT(reply["message"].get<std::string>(), HasSubstr("rank.model"));
}

TEST_F(CompatibleHttpTest, RerankingsShareThePlacesOfTheGateway) {
  Hold();
  Start();
  const auto rank = [this](int i) {
    return i % 2 == 0 ? Http().Post("/v1/rerank", R"({"query": "q", "documents": ["a"]})",
                                    "application/json")
                      : Http().Post("/v1/rank",
                                    R"({"query": "q", "documents": [{"text": {"text": "t"}}]})",
                                    "application/json");
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([&rank, i] {
      const auto ranked = rank(i);
      ASSERT_TRUE(ranked) << httplib::to_string(ranked.error());
      EXPECT_EQ(ranked->status, 200);
    });
  }
  while (reranker_->requests().size() < 32) absl::SleepFor(absl::Milliseconds(1));
  const auto refused = rank(0);
  EXPECT_EQ(refused->status, 429) << refused->body;
  EXPECT_EQ(refused->get_header_value("Retry-After"), "1");
  EXPECT_THAT(Json::parse(refused->body)["message"].get<std::string>(), HasSubstr("retry later"));
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
}

// ---- as every other call ----

TEST_F(CompatibleHttpTest, CallsAreCountedAndKeepTheirRequestId) {
  Start(Books());
  Get("/api/search?query=q");
  Post("/retrieve", R"({"queries": ["q"]})");
  Post("/retrieve", "{", 422);
  Post("/v1/rerank", R"({"query": "q", "documents": ["a"]})");
  const std::string metrics = Http().Get("/metrics")->body;
  for (const char* line :
       {"foraker_requests_total{code=\"OK\",method=\"Search\"} 1",
        "foraker_requests_total{code=\"OK\",method=\"BatchSearch\"} 1",
        "foraker_requests_total{code=\"INVALID_ARGUMENT\",method=\"BatchSearch\"} 1",
        "foraker_requests_total{code=\"OK\",method=\"Rank\"} 1"}) {
    EXPECT_THAT(metrics, HasSubstr(line));
  }
  const auto reply = Http().Post("/v1/rerank", {{"X-Request-Id", "mine"}},
                                 R"({"query": "q", "documents": ["a"]})", "application/json");
  EXPECT_EQ(reply->get_header_value("X-Request-Id"), "mine");
  EXPECT_EQ(Json::parse(reply->body)["id"], "mine");
}

}  // namespace
}  // namespace foraker::server
