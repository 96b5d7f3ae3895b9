// The query "What's the weather in ny now?" by the table of the OpenSearch models, with the weights
// that its authors publish, and by a real encoder. Needs ../shared/models; skipped where it is not.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "model/encoder/query_table.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/idf.h"
#include "retrieval/query_builder.h"
#include "retrieval/query_encoder.h"

namespace foraker::retrieval {
namespace {

constexpr const char* kQuestion = "What's the weather in ny now?";

class GoldenQueryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("FORAKER_SHARED");
    const std::string models = std::string(shared != nullptr ? shared : "../shared") + "/models/";
    const std::string directory = models + "splade-tiny";
    const std::string idf_file = models + "idf/idf.json";
    std::error_code error;
    if (!std::filesystem::exists(directory, error) || !std::filesystem::exists(idf_file, error)) {
      GTEST_SKIP() << models << " is not there";
    }
    auto table = model::QueryTable::Open(directory, idf_file);
    ASSERT_TRUE(table.ok()) << table.status();
    CollectionSettings settings;
    settings.document.encoder = directory;
    settings.document.stems = false;
    settings.query.idf_source = IdfSource::kEncoder;
    idf_ = std::make_unique<IdfTable>(nullptr, settings, *table);
    auto builder =
        QueryBuilder::Create(settings, std::make_shared<QueryEncoder>(*table, [directory] {
                               return model::SparseEncoder::Open(directory, model::Precision::kF32);
                             }));
    ASSERT_TRUE(builder.ok()) << builder.status();
    builder_ = *std::move(builder);
  }

  std::map<std::string, float> Weights(QueryEncoding encoding) const {
    TextQuery text{kQuestion, {}, {}};
    text.encoding = encoding;
    const auto query = builder_->FromText(text, *idf_);
    EXPECT_TRUE(query.ok()) << query.status();
    std::map<std::string, float> weights;
    if (!query.ok()) return weights;
    for (const BuiltTerm& term : query->terms) weights[term.text] = term.weight;
    return weights;
  }

  std::unique_ptr<IdfTable> idf_;
  std::unique_ptr<QueryBuilder> builder_;
};

TEST_F(GoldenQueryTest, TheTableGivesThePublishedWeights) {
  const std::map<std::string, float> published = {
      {"ny", 5.772862434387207f}, {"weather", 4.568415641784668f}, {"now", 3.5895495414733887f},
      {"?", 3.331254720687866f},  {"what", 2.7698843479156494f},   {"'", 1.5750715732574463f},
      {"s", 1.4272583723068237f}, {"in", 0.49892646074295044f},    {"the", 0.1353016495704651f}};
  EXPECT_EQ(Weights(QueryEncoding::kTable), published);
}

TEST_F(GoldenQueryTest, TheEncoderExpandsTheQuestion) {
  const auto weights = Weights(QueryEncoding::kEncoder);
  EXPECT_GT(weights.count("weather"), 0u);
  EXPECT_GT(weights.size(), 9u) << "more than the question's own tokens";
  EXPECT_EQ(weights.count("[CLS]"), 0u);
}

}  // namespace
}  // namespace foraker::retrieval
