#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <variant>

#include "services/convert/query.h"

namespace foraker::convert {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<retrieval::Query> Convert(const v1::Query& query) {
  const FieldPath path;
  return FromProto(query, path.Field("query"), retrieval::RequestLimits());
}

v1::Query Sparse(float weight) {
  v1::Query query;
  for (int i = 0; i < 4; ++i) {
    v1::SparseTerm& term = *query.mutable_sparse_vector()->add_terms();
    term.mutable_term()->set_stem("len");
    term.set_weight(i == 3 ? weight : 1.0f);
  }
  return query;
}

TEST(QueryConversionTest, AQueryWithoutAKindIsRefused) {
  EXPECT_THAT(Convert(v1::Query()).status().message(),
              HasSubstr("query: expected one of text, sparse_vector, document_id"));
}

TEST(QueryConversionTest, ABadWeightIsNamedByItsPath) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float weight : {0.0f, -1.0f, nan, infinity}) {
    const auto converted = Convert(Sparse(weight));
    EXPECT_EQ(converted.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(converted.status().message(),
                HasSubstr("query.sparse_vector.terms[3].weight: expected a finite number above 0"));
  }
  EXPECT_TRUE(Convert(Sparse(0.5f)).ok());
}

TEST(QueryConversionTest, ATermWithoutANamespaceIsRefused) {
  v1::Query query = Sparse(1.0f);
  query.mutable_sparse_vector()->mutable_terms(2)->clear_term();
  EXPECT_THAT(Convert(query).status().message(),
              HasSubstr("query.sparse_vector.terms[2].term: expected one of token, stem, title"));
}

TEST(QueryConversionTest, AnEmptyOrOverlongTermIsRefused) {
  v1::Query query = Sparse(1.0f);
  query.mutable_sparse_vector()->mutable_terms(1)->mutable_term()->set_title("");
  EXPECT_THAT(Convert(query).status().message(), HasSubstr("terms[1].term: expected 1 to 1024"));
  query.mutable_sparse_vector()->mutable_terms(1)->mutable_term()->set_title(
      std::string(1'025, 'x'));
  EXPECT_THAT(Convert(query).status().message(), HasSubstr("terms[1].term: expected 1 to 1024"));
}

TEST(QueryConversionTest, WeightsOfATextQueryMustBeFiniteAndNotNegative) {
  v1::Query query;
  query.set_text("lens");
  query.mutable_weights()->set_title_weight(-1);
  EXPECT_THAT(Convert(query).status().message(), HasSubstr("query.weights.title_weight: expected"));
  query.mutable_weights()->set_title_weight(0);
  EXPECT_TRUE(Convert(query).ok());
}

TEST(QueryConversionTest, AnEncodingIsTakenAndAnUnknownOneRefused) {
  v1::Query query;
  query.set_text("lens");
  EXPECT_EQ(std::get<retrieval::TextQuery>(*Convert(query)).encoding, std::nullopt);
  query.mutable_weights()->set_encoding(v1::QUERY_ENCODING_TABLE);
  EXPECT_EQ(std::get<retrieval::TextQuery>(*Convert(query)).encoding,
            retrieval::QueryEncoding::kTable);
  query.mutable_weights()->set_encoding(v1::QUERY_ENCODING_ENCODER);
  EXPECT_EQ(std::get<retrieval::TextQuery>(*Convert(query)).encoding,
            retrieval::QueryEncoding::kEncoder);
  query.mutable_weights()->set_encoding(static_cast<v1::QueryEncoding>(7));
  EXPECT_THAT(Convert(query).status().message(),
              HasSubstr("query.weights.encoding: expected QUERY_ENCODING_TABLE or "
                        "QUERY_ENCODING_ENCODER, got the number 7"));
}

TEST(QueryConversionTest, OnlyATextQueryHasWeights) {
  v1::Query query;
  query.set_document_id("d1");
  query.mutable_weights()->set_stem_weight(1);
  EXPECT_THAT(Convert(query).status().message(), HasSubstr("query.weights: only a text query"));
}

TEST(QueryConversionTest, EveryKindSurvivesTheRoundTrip) {
  const retrieval::TextQuery text{"grand canal", 0.5f, 2.0f, retrieval::QueryEncoding::kEncoder};
  const retrieval::SparseQuery sparse{{{retrieval::NamedTerm::Kind::kToken, "##ing", 1.0f},
                                       {retrieval::NamedTerm::Kind::kStem, "canal", 2.0f},
                                       {retrieval::NamedTerm::Kind::kTitle, "Venice", 3.0f},
                                       {retrieval::NamedTerm::Kind::kImported, "4711", 4.0f}}};
  const retrieval::DocumentQuery document{"d1"};
  for (const retrieval::Query& query :
       {retrieval::Query(text), retrieval::Query(sparse), retrieval::Query(document)}) {
    v1::Query wire, again;
    ToProto(query, wire);
    const auto back = Convert(wire);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->index(), query.index());
    ToProto(*back, again);
    EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
  }
}

}  // namespace
}  // namespace foraker::convert
