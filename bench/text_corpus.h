// The first documents of a file of JSON lines with `text` (and `title`), for benchmarks that work
// on texts in memory.

#ifndef FORAKER_BENCH_TEXT_CORPUS_H_
#define FORAKER_BENCH_TEXT_CORPUS_H_

#include <string>
#include <vector>

namespace foraker::bench {

struct TitledText {
  std::string title;
  std::string text;
};

// At most 50,000. Empty when the file cannot be read or a line has no text.
std::vector<TitledText> ReadTexts(const std::string& path);

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_TEXT_CORPUS_H_
