#include "bench/text_corpus.h"

#include <simdjson.h>

#include <fstream>
#include <string_view>

namespace foraker::bench {

std::vector<TitledText> ReadTexts(const std::string& path) {
  constexpr size_t kMaxDocuments = 50'000;
  std::vector<TitledText> texts;
  std::ifstream in(path);
  simdjson::dom::parser parser;
  for (std::string line; texts.size() < kMaxDocuments && std::getline(in, line);) {
    simdjson::dom::element object;
    std::string_view text;
    std::string_view title;
    if (parser.parse(line).get(object) != simdjson::SUCCESS ||
        object["text"].get(text) != simdjson::SUCCESS) {
      return {};
    }
    if (object["title"].get(title) != simdjson::SUCCESS) title = {};
    texts.push_back({std::string(title), std::string(text)});
  }
  return texts;
}

}  // namespace foraker::bench
