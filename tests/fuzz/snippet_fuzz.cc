// Snippets of arbitrary bytes: fragments must be parts of the passage and highlights parts of the
// fragments. Input: two bytes for the length and number of fragments, one for the length of the
// query, the query, the text.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "index/term_key.h"
#include "model/analyzer/analyzer.h"
#include "retrieval/passage_words.h"
#include "retrieval/snippets.h"
#include "tests/fuzz/require.h"

namespace foraker::retrieval {
namespace {

index::QueryVector QueryOf(std::string_view text, model::Analyzer::Session& session) {
  std::set<index::TermKey> keys;
  for (const model::AnalyzedWord& word : session.Analyze(text)) {
    keys.insert(index::HashedTermKey(index::TermNamespace::kStem, word.stem));
  }
  index::QueryVector query;
  for (const index::TermKey key : keys) query.push_back({key, 1.0f});
  return query;
}

void CheckSnippets(std::string_view text, ByteRange passage, const std::vector<Snippet>& snippets) {
  uint32_t end = passage.begin;
  for (const Snippet& snippet : snippets) {
    Require(snippet.source.begin >= end && snippet.source.begin < snippet.source.end);
    end = snippet.source.end;
    Require(end <= passage.end);
    Require(snippet.text == text.substr(snippet.source.begin, end - snippet.source.begin));
    uint32_t highlighted = 0;
    for (const ByteRange& word : snippet.highlights) {
      Require(word.begin >= highlighted && word.begin <= word.end);
      highlighted = word.end;
    }
    Require(highlighted <= snippet.text.size());
  }
}

}  // namespace
}  // namespace foraker::retrieval

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker;
  static const std::unique_ptr<model::Analyzer::Session> session =
      (*model::Analyzer::Create({}))->NewSession();
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::string_view asked = input.substr(0, data[2]);
  const std::string_view text = input.substr(asked.size());
  const index::QueryVector query = retrieval::QueryOf(asked, *session);
  const auto bytes = static_cast<uint32_t>(text.size());
  for (const retrieval::ByteRange passage :
       {retrieval::ByteRange{0, bytes}, retrieval::ByteRange{bytes / 3, bytes}}) {
    const retrieval::PassageWords words =
        retrieval::FindWords(text, passage, {}, query, session.get());
    const std::vector<double> contributions(query.size(), 1.0);
    const retrieval::SnippetRequest request{.max_chars = 1u + data[0], .count = 1u + data[1] % 5};
    retrieval::CheckSnippets(text, passage,
                             retrieval::MakeSnippets(text, passage, words, contributions, request));
  }
  return 0;
}
