#include "tests/retrieval/model_fixtures.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {

std::string ModelDirectory(const std::string& name) { return "tests/golden/encoders/" + name; }

DocumentSide ModelSettings(const std::string& name) {
  DocumentSide settings = DefaultSettings(ModelDirectory(name)).document;
  settings.precision = EncoderPrecision::kF32;
  settings.reference_length = 4;
  return settings;
}

LoadedEncoder LoadedFixture(const std::string& name) {
  auto encoder = LoadEncoder(ModelSettings(name));
  EXPECT_TRUE(encoder.ok()) << encoder.status();
  return encoder.ok() ? *std::move(encoder) : LoadedEncoder();
}

std::vector<uint32_t> TokenIds(const LoadedEncoder& encoder, const std::string& text) {
  std::vector<uint32_t> ids;
  const auto session = encoder.table->tokenizer().NewSession();
  for (const model::Token& token : session->Tokenize(text)) ids.push_back(token.id);
  return ids;
}

std::vector<model::LearnedTerm> LearnedTermsOf(const LoadedEncoder& encoder,
                                               const std::string& text) {
  const std::vector<uint32_t> ids = TokenIds(encoder, text);
  const std::span<const uint32_t> texts[] = {ids};
  std::vector<std::vector<model::LearnedTerm>> terms;
  const absl::Status status = encoder.model->NewSession()->Encode(texts, terms);
  EXPECT_TRUE(status.ok()) << status;
  return terms.front();
}

index::TermKey TokenKey(uint32_t id) {
  return index::NumberedTermKey(index::TermNamespace::kWordPiece, id);
}

index::TermKey TokenKey(const LoadedEncoder& encoder, const std::string& token) {
  const auto id = encoder.table->tokenizer().IdOf(token);
  EXPECT_TRUE(id.has_value()) << token;
  return TokenKey(id.value_or(0));
}

BatchBuildOptions NeuralBuildOf(const std::vector<std::string>& inputs, const std::string& model) {
  BatchBuildOptions options = BuildOf(inputs);
  options.adjust_settings = [model](CollectionSettings& settings) {
    settings.document.encoder = model;
    settings.document.precision = EncoderPrecision::kF32;
    settings.document.passage_tokens = 24;
  };
  return options;
}

std::string ModelLines(uint64_t seed, size_t lines, size_t words) {
  static constexpr const char* kWords[] = {"about", "animal", "bank", "bear", "bird",
                                           "blue",  "boat",   "the",  "and",  "unheard"};
  std::mt19937_64 random(seed);
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    absl::StrAppend(&text, R"({"_id": "d)", i, R"(", "title": ")", kWords[random() % 7], " ",
                    kWords[random() % 7], R"(", "text": ")");
    for (size_t word = 0; word < words; ++word) {
      absl::StrAppend(&text, kWords[random() % std::size(kWords)], word % 9 == 8 ? ". " : " ");
    }
    absl::StrAppend(&text, "\"}\n");
  }
  return text;
}

}  // namespace foraker::retrieval
