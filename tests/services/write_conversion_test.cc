#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/convert/administration.h"
#include "services/convert/status.h"
#include "services/convert/unknown_fields.h"
#include "services/convert/write.h"

namespace foraker::convert {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const retrieval::RequestLimits kLimits;

retrieval::WriteRequest FullRequest() {
  retrieval::WriteRequest request;
  request.collection = "books";
  request.request_id = "r1";
  request.wait_for = retrieval::WriteWait::kLog;
  retrieval::PutRequest put{"d1", "Title", "Text", {}, {}};
  put.fields = {{"tag", {"a", "b"}},
                {"when", {absl::FromUnixMicros(1'700'000'000'123'456)}},
                {"year", {int64_t{1999}}}};
  put.vector = {{retrieval::NamedTerm::Kind::kImported, "lens", 1.5f}};
  request.writes.push_back({put, uint64_t{0}});
  request.writes.push_back({retrieval::DeleteRequest{"d2"}, uint64_t{17}});
  retrieval::UpdateFieldsRequest update{"d3", {{"rating", {4.5}}}, {"tag"}};
  request.writes.push_back({update, std::nullopt});
  return request;
}

TEST(WriteConversionTest, ARequestComesBackAsItWas) {
  v1::WriteDocumentsRequest message;
  ToProto(FullRequest(), message);
  const auto back = FromProto(message, kLimits);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->collection, "books");
  EXPECT_EQ(back->request_id, "r1");
  EXPECT_EQ(back->wait_for, retrieval::WriteWait::kLog);
  ASSERT_EQ(back->writes.size(), 3u);
  const auto& put = std::get<retrieval::PutRequest>(back->writes[0].change);
  const auto whole = FullRequest();
  const auto& expected = std::get<retrieval::PutRequest>(whole.writes[0].change);
  EXPECT_EQ(put.title + put.text, "TitleText");
  EXPECT_EQ(put.fields, expected.fields);
  ASSERT_EQ(put.vector.size(), 1u);
  EXPECT_EQ(put.vector[0].text, "lens");
  EXPECT_EQ(back->writes[0].if_version, 0u);
  EXPECT_EQ(std::get<retrieval::DeleteRequest>(back->writes[1].change).id, "d2");
  EXPECT_EQ(back->writes[1].if_version, 17u);
  const auto& update = std::get<retrieval::UpdateFieldsRequest>(back->writes[2].change);
  EXPECT_EQ(update.set[0].first, "rating");
  EXPECT_EQ(update.clear[0], "tag");
  EXPECT_FALSE(back->writes[2].if_version.has_value());
}

TEST(WriteConversionTest, AReplyComesBackAsItWas) {
  retrieval::WriteReply reply;
  reply.sequence = 12;
  reply.repeated = true;
  reply.outcomes = {{absl::OkStatus(), 12, true, 3},
                    {absl::AbortedError("it has version 9"), 9, true, 0}};
  v1::WriteDocumentsResponse message;
  ToProto(reply, message);
  const retrieval::WriteReply back = FromProto(message);
  EXPECT_EQ(back.sequence, 12u);
  EXPECT_TRUE(back.repeated);
  ASSERT_EQ(back.outcomes.size(), 2u);
  EXPECT_EQ(back.outcomes[0].dropped_tokens, 3u);
  EXPECT_EQ(back.outcomes[1].status, absl::AbortedError("it has version 9"));
  EXPECT_EQ(back.outcomes[1].version, 9u);
}

TEST(WriteConversionTest, AnErrorWithoutACodeIsStillAnError) {
  EXPECT_EQ(FromProto(v1::Error()).code(), absl::StatusCode::kInternal);
}

TEST(WriteConversionTest, ErrorsNameThePathOfTheField) {
  v1::WriteDocumentsRequest message;
  EXPECT_THAT(FromProto(message, kLimits).status().message(),
              HasSubstr("writes: expected 1 to 1000 writes, got 0"));
  message.add_writes();
  EXPECT_THAT(FromProto(message, kLimits).status().message(),
              HasSubstr("writes[0]: expected one of put, delete_id, update_fields"));
  v1::Document& put = *message.mutable_writes(0)->mutable_put();
  (*put.mutable_fields())["year"].add_values();
  EXPECT_THAT(FromProto(message, kLimits).status().message(),
              HasSubstr("writes[0].put.fields.year.values[0]: expected one of keyword"));
  put.clear_fields();
  message.mutable_writes(0)->mutable_vector()->add_terms()->mutable_term()->set_imported("x");
  EXPECT_THAT(FromProto(message, kLimits).status().message(),
              HasSubstr("writes[0].vector.terms[0].weight: expected a finite number above 0"));
  message.mutable_writes(0)->set_delete_id("d");
  EXPECT_THAT(FromProto(message, kLimits).status().message(),
              HasSubstr("writes[0].vector: only put has a vector"));
  message.mutable_writes(0)->clear_vector();
  message.set_wait_for(static_cast<v1::WriteDocumentsRequest::Wait>(9));
  EXPECT_THAT(FromProto(message, kLimits).status().message(), HasSubstr("wait_for: expected"));
}

TEST(WriteConversionTest, UnknownFieldsOfADocumentAreRefused) {
  v1::WriteDocumentsRequest message;
  v1::Document& put = *message.add_writes()->mutable_put();
  put.GetReflection()->MutableUnknownFields(&put)->AddVarint(99, 1);
  EXPECT_THAT(CheckNoUnknownFields(message).message(),
              HasSubstr("writes[0].put: unknown field 99"));
}

TEST(WriteConversionTest, DeletingByFilterNeedsAFilter) {
  v1::DeleteDocumentsRequest message;
  message.set_collection("books");
  EXPECT_THAT(FromProto(message, kLimits).status().message(), HasSubstr("filter: must be given"));
  message.mutable_filter()->mutable_all_of();
  const auto everything = FromProto(message, kLimits);
  ASSERT_TRUE(everything.ok()) << everything.status();
  EXPECT_EQ(everything->filter.kind, retrieval::Filter::Kind::kAnd);
  EXPECT_EQ(everything->wait_for, retrieval::WriteWait::kSearchable);
}

TEST(AdministrationConversionTest, RequestsComeBackAsTheyWere) {
  const retrieval::CreateRequest create{
      "books", "vectors", {{"document.k1", "1.5"}}, {{"year", "integer"}, {"tag", "keyword"}}};
  v1::CreateCollectionRequest created;
  ToProto(create, created);
  const auto back = FromProto(created, kLimits);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->encoder, "vectors");
  EXPECT_EQ(back->settings, create.settings);
  EXPECT_THAT(back->fields, UnorderedElementsAre(Pair("year", "integer"), Pair("tag", "keyword")));

  const retrieval::RebuildRequest rebuild{"news", "news2", "/m", {{"query.stem_weight", "0.8"}}};
  v1::RebuildCollectionRequest rebuilt;
  ToProto(rebuild, rebuilt);
  const auto again = FromProto(rebuilt, kLimits);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->new_collection, "news2");
  EXPECT_EQ(again->settings, rebuild.settings);
}

TEST(AdministrationConversionTest, ListsHaveLimitsAndTypesAreKnown) {
  v1::CreateCollectionRequest create;
  (*create.mutable_fields())["year"] = v1::FIELD_TYPE_UNSPECIFIED;
  EXPECT_THAT(FromProto(create, kLimits).status().message(), HasSubstr("fields.year: expected"));
  for (int i = 0; i < 65; ++i) (*create.mutable_settings())[absl::StrCat("s", i)] = "1";
  EXPECT_THAT(FromProto(create, kLimits).status().message(),
              HasSubstr("settings: expected at most 64 settings, got 65"));
  v1::AttachShardsRequest attach;
  EXPECT_THAT(FromProto(attach, kLimits).status().message(),
              HasSubstr("directories: expected 1 to 1024 directories, got 0"));
  v1::RebuildCollectionRequest rebuild;
  EXPECT_THAT(FromProto(rebuild, kLimits).status().message(), HasSubstr("alias: must be given"));
}

}  // namespace
}  // namespace foraker::convert
