// What it costs to turn texts into tokens, on one thread: bench/peer_tokenizers.py runs it in turn
// with Hugging Face `tokenizers`.
//
//   tokenizer_bench wordpiece|decoder TOKENIZER_DIRECTORY TEXTS.jsonl
//
// Every line holds "text" (and "title", which goes before it). One pass with a fresh tokenizer, so
// that no word is remembered from before. Prints a JSON object: processor seconds, tokens, bytes.

#include <simdjson.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker {
namespace {

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::vector<std::string> ReadTexts(const char* path) {
  std::vector<std::string> texts;
  std::ifstream in(path);
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    simdjson::dom::element object;
    std::string_view text;
    std::string_view title;
    if (parser.parse(line).get(object) != simdjson::SUCCESS ||
        object["text"].get(text) != simdjson::SUCCESS) {
      return {};
    }
    const bool titled = object["title"].get(title) == simdjson::SUCCESS;
    texts.push_back(titled ? std::string(title) + " " + std::string(text) : std::string(text));
  }
  return texts;
}

// The number of tokens of a text.
using Count = std::function<size_t(const std::string&)>;

absl::StatusOr<Count> OpenCounter(std::string_view kind, const char* directory) {
  if (kind == "wordpiece") {
    ASSIGN_OR_RETURN(const auto tokenizer, model::WordPiece::Open(directory));
    const std::shared_ptr<model::WordPiece::Session> session = tokenizer->NewSession();
    return Count([session](const std::string& text) { return session->Tokenize(text).size(); });
  }
  if (kind != "decoder") return absl::InvalidArgumentError("expected wordpiece or decoder");
  ASSIGN_OR_RETURN(const auto tokenizer, model::DecoderTokenizer::Open(directory));
  return Count([tokenizer, ids = std::vector<uint32_t>()](const std::string& text) mutable {
    ids.clear();
    tokenizer->Encode(text, ids);
    return ids.size();
  });
}

int Run(const char* kind, const char* directory, const char* path) {
  const auto count = OpenCounter(kind, directory);
  const std::vector<std::string> texts = ReadTexts(path);
  if (!count.ok() || texts.empty()) {
    std::fprintf(stderr, "no texts in %s, or %s\n", path, count.status().ToString().c_str());
    return 1;
  }
  uint64_t tokens = 0;
  uint64_t bytes = 0;
  const double start = ThreadSeconds();
  for (const std::string& text : texts) {
    tokens += (*count)(text);
    bytes += text.size();
  }
  std::printf("{\"seconds\": %.6f, \"tokens\": %lu, \"bytes\": %lu}\n", ThreadSeconds() - start,
              tokens, bytes);
  return 0;
}

}  // namespace
}  // namespace foraker

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr,
                 "usage: tokenizer_bench wordpiece|decoder TOKENIZER_DIRECTORY TEXTS.jsonl\n");
    return 2;
  }
  return foraker::Run(argv[1], argv[2], argv[3]);
}
