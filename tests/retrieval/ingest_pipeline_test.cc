#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "retrieval/ingest/encode_pipeline.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {
namespace {

std::unique_ptr<EncodePipeline> Start(const std::vector<std::string>& inputs, uint32_t threads,
                                      size_t max_bytes, Shard shard = {}) {
  EncodeOptions options;
  options.settings.reference_length = 40;
  options.threads = threads;
  options.max_bytes_under_way = max_bytes;
  options.shard = shard;
  auto pipeline = EncodePipeline::Create(std::move(options), std::make_unique<LineReader>(inputs));
  EXPECT_TRUE(pipeline.ok()) << pipeline.status();
  return *std::move(pipeline);
}

// "LINE ID TERMS" of every line, or "LINE error".
std::vector<std::string> Drain(EncodePipeline& pipeline, absl::Status* status = nullptr) {
  std::vector<std::string> lines;
  while (true) {
    const auto batch = pipeline.Next();
    if (status != nullptr) *status = batch.status();
    if (!batch.ok() || !batch->has_value()) return lines;
    for (const EncodedLine& line : (*batch)->lines) {
      std::string text = absl::StrCat(line.number, line.error.ok() ? " " : " error");
      if (line.error.ok()) absl::StrAppend(&text, line.document.id);
      for (const index::Passage& passage : line.document.passages) {
        absl::StrAppend(&text, " ", passage.vector.keys.size());
        for (const index::TermKey key : passage.vector.keys) {
          EXPECT_TRUE((*batch)->names.contains(key));
        }
      }
      lines.push_back(std::move(text));
    }
  }
}

TEST(EncodePipelineTest, LinesComeInOrderWhateverTheThreadsAndTheRoom) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write(
      "in",
      absl::StrCat(RandomLines(1, {.lines = 3'000}), "broken\n", RandomLines(2, {.lines = 500})));
  const auto one = Drain(*Start({input}, 1, 1));
  ASSERT_EQ(one.size(), 3'501u);
  EXPECT_EQ(one[3'000], "3001 error");
  EXPECT_EQ(one, Drain(*Start({input}, 4, 1)));
  EXPECT_EQ(one, Drain(*Start({input}, 3, size_t{1} << 30)));
}

TEST(EncodePipelineTest, EveryDocumentIsInExactlyOneShard) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", RandomLines(3, {.lines = 1'000}));
  std::vector<int> owners(1'000);
  for (uint32_t shard = 0; shard < 3; ++shard) {
    const auto pipeline = Start({input}, 2, size_t{1} << 20, {shard, 3});
    for (auto batch = pipeline->Next(); batch.ok() && batch->has_value();
         batch = pipeline->Next()) {
      for (const EncodedLine& line : (*batch)->lines) owners[line.number - 1] += line.in_shard;
    }
  }
  EXPECT_EQ(owners, std::vector<int>(1'000, 1));
}

TEST(EncodePipelineTest, ItMayBeLeftBeforeTheEndOfTheInput) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", RandomLines(4, {.lines = 3'000}));
  for (const size_t room : {size_t{1}, size_t{1} << 30}) {
    const auto pipeline = Start({input}, 3, room);
    ASSERT_TRUE(pipeline->Next().ok());
  }
}

TEST(EncodePipelineTest, AnUnreadableInputIsAnErrorAfterTheLinesBeforeIt) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in", RandomLines(5, {.lines = 700}));
  absl::Status status;
  const auto lines = Drain(*Start({input, tmp.Path("none")}, 2, size_t{1} << 20), &status);
  EXPECT_EQ(lines.size(), 700u);
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
}

}  // namespace
}  // namespace foraker::retrieval
