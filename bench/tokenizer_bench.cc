// What it costs to turn texts into WordPiece tokens, on one thread: bench/peer_tokenizers.py runs
// it in turn with Hugging Face `tokenizers`.
//
//   tokenizer_bench TOKENIZER_DIRECTORY TEXTS.jsonl
//
// Every line holds "text" (and "title", which goes before it). One pass with a fresh session, so
// that no word is remembered from before. Prints a JSON object: processor seconds, tokens, bytes.

#include <simdjson.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
    if (object["title"].get(title) != simdjson::SUCCESS) title = {};
    texts.push_back(std::string(title) + " " + std::string(text));
  }
  return texts;
}

int Run(const char* directory, const char* path) {
  const auto tokenizer = model::WordPiece::Open(directory);
  const std::vector<std::string> texts = ReadTexts(path);
  if (!tokenizer.ok() || texts.empty()) {
    std::fprintf(stderr, "no texts in %s, or %s\n", path, tokenizer.status().ToString().c_str());
    return 1;
  }
  const std::unique_ptr<model::WordPiece::Session> session = (*tokenizer)->NewSession();
  uint64_t tokens = 0;
  uint64_t bytes = 0;
  const double start = ThreadSeconds();
  for (const std::string& text : texts) {
    tokens += session->Tokenize(text).size();
    bytes += text.size();
  }
  std::printf("{\"seconds\": %.6f, \"tokens\": %lu, \"bytes\": %lu}\n", ThreadSeconds() - start,
              tokens, bytes);
  return 0;
}

}  // namespace
}  // namespace foraker

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: tokenizer_bench TOKENIZER_DIRECTORY TEXTS.jsonl\n");
    return 2;
  }
  return foraker::Run(argv[1], argv[2]);
}
