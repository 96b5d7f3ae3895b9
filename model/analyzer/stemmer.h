// A Snowball stemmer (libstemmer) as a value. One thread; making one takes microseconds.

#ifndef FORAKER_MODEL_ANALYZER_STEMMER_H_
#define FORAKER_MODEL_ANALYZER_STEMMER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

struct sb_stemmer;

namespace foraker::model {

class Stemmer {
 public:
  // Algorithms there are, "porter" among them, in alphabetical order.
  static std::vector<std::string> Algorithms();

  // kInvalidArgument when there is no such algorithm.
  static absl::StatusOr<Stemmer> Create(const std::string& algorithm);

  // The stem of a folded word, valid until the next call.
  std::string_view Stem(std::string_view word);

 private:
  struct Deleter {
    void operator()(sb_stemmer* stemmer) const;
  };
  explicit Stemmer(sb_stemmer* stemmer) : stemmer_(stemmer) {}

  std::unique_ptr<sb_stemmer, Deleter> stemmer_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_STEMMER_H_
