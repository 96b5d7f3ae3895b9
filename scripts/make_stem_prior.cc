// Counts in how many passages of a corpus each stem occurs, for models/stem-prior/porter.tsv.
//
//   make_stem_prior CORPUS.jsonl MIN_DF > models/stem-prior/porter.tsv
//
// Passages, stop words and stems are those of the built-in encoder's defaults. Stems with a
// document frequency below MIN_DF are left out, and so are those that hold more than letters:
// numbers, versions and names of symbols are the corpus's own.

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/status.h"
#include "retrieval/document_encoder.h"

namespace foraker {
namespace {

struct Counts {
  uint64_t passages = 0;
  absl::flat_hash_map<index::TermKey, uint64_t> df;
  absl::flat_hash_map<index::TermKey, std::string> names;
};

absl::Status Count(const std::string& path, Counts& counts) {
  std::ifstream in(path);
  if (!in) return absl::NotFoundError("cannot read " + path);
  retrieval::DocumentSide settings;
  settings.reference_length = 1;  // weights are not looked at
  settings.titles = false;
  ASSIGN_OR_RETURN(const auto encoder, retrieval::DocumentEncoder::Create(settings));
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    simdjson::dom::element object;
    std::string_view text;
    if (parser.parse(line).get(object) != simdjson::SUCCESS ||
        object["text"].get(text) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError("expected JSON lines with a text, found: " + line);
    }
    index::Document document;
    document.text = text;
    RETURN_IF_ERROR(encoder->Encode(document, [&](index::TermKey key, std::string_view name) {
      counts.names.try_emplace(key, name);
    }));
    counts.passages += document.passages.size();
    for (const index::Passage& passage : document.passages) {
      for (const index::TermKey key : passage.vector.keys) ++counts.df[key];
    }
  }
  return absl::OkStatus();
}

bool IsPlainWord(std::string_view stem) {
  return std::all_of(stem.begin(), stem.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '\''; });
}

void Print(const Counts& counts, uint64_t min_df) {
  std::map<std::string_view, uint64_t> rows;  // sorted by stem
  for (const auto& [key, df] : counts.df) {
    const std::string& stem = counts.names.at(key);
    if (df >= min_df && IsPlainWord(stem)) rows[stem] = df;
  }
  std::printf("# passages: %llu\n", static_cast<unsigned long long>(counts.passages));
  for (const auto& [stem, df] : rows) {
    std::printf("%.*s\t%llu\n", static_cast<int>(stem.size()), stem.data(),
                static_cast<unsigned long long>(df));
  }
}

}  // namespace
}  // namespace foraker

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_stem_prior CORPUS.jsonl MIN_DF\n");
    return 2;
  }
  foraker::Counts counts;
  if (const absl::Status status = foraker::Count(argv[1], counts); !status.ok()) {
    std::fprintf(stderr, "make_stem_prior: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  foraker::Print(counts, std::strtoull(argv[2], nullptr, 10));
  return 0;
}
