// Text to stems: ICU word segmentation, case folding, stop words, Snowball stemming.
//
// A word is a segment that holds a letter or a digit; numbers count. ICU keeps "don't", "3.14" and
// "example.com" whole and cuts at hyphens. English words lose a final 's before stop words and
// stemming, as in Lucene's EnglishAnalyzer; French, Italian and Catalan ones lose an elided article
// ("l'avion").
//
// An Analyzer is immutable and safe for concurrent use; a Session (made from it) holds the ICU
// iterator, the stemmer and a memo of words seen (1 MiB), and serves one thread. No error at
// analysis: invalid UTF-8 bytes separate words. Texts below 2 GiB. Words longer than 255 bytes
// after folding are cut to 255 at a character boundary.

#ifndef FORAKER_MODEL_ANALYZER_ANALYZER_H_
#define FORAKER_MODEL_ANALYZER_ANALYZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::model {

struct AnalyzerOptions {
  std::string language = "english";  // Snowball language name, or "none": neither stems nor stops
  // Snowball algorithm: "porter" or "english" (Porter2) for english, the language's own name for
  // any other, "" for none.
  std::string stemmer = "porter";
  bool stop_words = true;
};

struct AnalyzedWord {
  std::string_view stem;  // valid until the session's next call
  uint32_t begin;         // bytes in the text, of the word as it stands
  uint32_t end;
  bool stop;  // a stop word, not indexed; `stem` is then the folded word
};

class Analyzer {
 public:
  class Session {
   public:
    virtual ~Session() = default;
    // All words in order, stop words included and marked. The span's memory is the session's.
    virtual const std::vector<AnalyzedWord>& Analyze(std::string_view text) = 0;
  };

  // kInvalidArgument names the languages there are, or the stemmers that fit the language.
  static absl::StatusOr<std::shared_ptr<const Analyzer>> Create(const AnalyzerOptions& options);
  static std::vector<std::string> Languages();
  // "porter" for english, "" for none, the language's own name else.
  static std::string DefaultStemmer(std::string_view language);

  virtual ~Analyzer() = default;
  virtual std::unique_ptr<Session> NewSession() const = 0;
  virtual const AnalyzerOptions& options() const = 0;
  // Hex of XXH3-64 over the analysis of a fixed probe text.
  virtual std::string Fingerprint() const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_ANALYZER_H_
