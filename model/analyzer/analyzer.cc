#include "model/analyzer/analyzer.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/string_view.h"
#include "model/analyzer/case_fold.h"
#include "model/analyzer/elision.h"
#include "model/analyzer/stemmer.h"
#include "model/analyzer/stop_words.h"
#include "model/analyzer/word_memo.h"
#include "model/analyzer/word_segmenter.h"

namespace foraker::model {
namespace {

constexpr size_t kMaxWordBytes = 255;
constexpr std::string_view kNoLanguage = "none";

using StopWordSet = absl::flat_hash_set<std::string>;

// Copies of stems at addresses that stay put while more are added.
class StemStorage {
 public:
  void Clear() {
    block_ = 0;
    used_ = 0;
  }
  std::string_view Add(std::string_view stem) {
    if (used_ + stem.size() > kBlockBytes) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
    char* to = blocks_[block_].get() + used_;
    std::memcpy(to, stem.data(), stem.size());
    used_ += stem.size();
    return {to, stem.size()};
  }

 private:
  static constexpr size_t kBlockBytes = 64 << 10;  // far above the longest stem
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_ = 0;
  size_t used_ = 0;
};

// `word` is UTF-8.
void CutAtCharacter(std::string& word, size_t max_bytes) {
  if (word.size() <= max_bytes) return;
  const auto continues = [](char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; };
  size_t end = max_bytes;
  while (end > 0 && continues(word[end])) --end;
  word.resize(end);
}

class WordSession final : public Analyzer::Session {
 public:
  WordSession(std::unique_ptr<WordSegmenter> segmenter, std::optional<Stemmer> stemmer,
              std::string language, std::shared_ptr<const StopWordSet> stop_words)
      : segmenter_(std::move(segmenter)),
        stemmer_(std::move(stemmer)),
        language_(std::move(language)),
        stop_words_(std::move(stop_words)) {}

  const std::vector<AnalyzedWord>& Analyze(std::string_view text) override {
    segmenter_->Segment(text, spans_);
    stems_.Clear();
    words_.clear();
    words_.reserve(spans_.size());
    for (const WordSpan& span : spans_) {
      const WordOutcome outcome = Outcome(text.substr(span.begin, span.end - span.begin));
      if (outcome.fate == WordFate::kDropped) continue;
      words_.push_back(
          {stems_.Add(outcome.stem), span.begin, span.end, outcome.fate == WordFate::kStop});
    }
    return words_;
  }

 private:
  WordOutcome Outcome(std::string_view word) {
    const uint64_t hash = XXH3_64bits(word.data(), word.size());
    WordOutcome outcome;
    if (memo_.Get(word, hash, outcome)) return outcome;
    outcome = Work(word);
    memo_.Put(word, hash, outcome);
    return outcome;
  }

  // The outcome lives until the next call.
  WordOutcome Work(std::string_view word) {
    FoldCase(word, folded_);
    if (language_ == "english" && folded_.size() > 2 && folded_.ends_with("'s")) {
      folded_.resize(folded_.size() - 2);
    }
    folded_.erase(0, ElisionBytes(language_, folded_));
    CutAtCharacter(folded_, kMaxWordBytes);
    if (folded_.empty()) return {{}, WordFate::kDropped};
    if (stop_words_->contains(folded_)) return {folded_, WordFate::kStop};
    if (!stemmer_.has_value()) return {folded_, WordFate::kStem};
    const std::string_view stem = stemmer_->Stem(folded_);
    return {stem.empty() ? std::string_view(folded_) : stem, WordFate::kStem};
  }

  std::unique_ptr<WordSegmenter> segmenter_;
  std::optional<Stemmer> stemmer_;
  const std::string language_;
  const std::shared_ptr<const StopWordSet> stop_words_;
  WordMemo memo_;
  StemStorage stems_;
  std::vector<WordSpan> spans_;
  std::vector<AnalyzedWord> words_;
  std::string folded_;
};

// Words of several scripts, inflected, folded and segmented in ways that differ between versions of
// ICU and of the stemmers.
constexpr std::string_view kProbe =
    "The Weather stations' readings weren't generously generalised: 3.14, user@example.com, e.g. "
    "running "
    "relational skies_and_seas; Stra\u00dfenb\u00e4hnen, l\u2019\u00e9t\u00e9, \ufb01nancial "
    "\u0438\u0441\u0441\u043b\u0435\u0434\u043e\u0432\u0430\u043d\u0438\u044f "
    "\u6771\u4eac\u30bf\u30ef\u30fc\u3078\u884c\u304f \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22";

class SnowballAnalyzer final : public Analyzer {
 public:
  SnowballAnalyzer(AnalyzerOptions options, std::unique_ptr<WordSegmenter> segmenter)
      : options_(std::move(options)), segmenter_(std::move(segmenter)) {
    auto words = std::make_shared<StopWordSet>();
    if (options_.stop_words) {
      std::string folded;
      for (absl::string_view word :
           absl::StrSplit(base::ToAbsl(StopWords(options_.language)), ' ', absl::SkipEmpty())) {
        FoldCase(base::ToStd(word), folded);
        words->insert(folded);
      }
    }
    stop_words_ = std::move(words);
  }

  std::unique_ptr<Session> NewSession() const override {
    std::optional<Stemmer> stemmer;
    if (!options_.stemmer.empty()) {
      // Create has tried the algorithm.
      if (auto made = Stemmer::Create(options_.stemmer); made.ok()) stemmer = std::move(*made);
    }
    return std::make_unique<WordSession>(segmenter_->Clone(), std::move(stemmer), options_.language,
                                         stop_words_);
  }

  const AnalyzerOptions& options() const override { return options_; }

  std::string Fingerprint() const override {
    const std::unique_ptr<Session> session = NewSession();
    std::string analysis;
    for (const AnalyzedWord& word : session->Analyze(kProbe)) {
      absl::StrAppend(&analysis, word.begin, "-", word.end, word.stop ? "!" : ":",
                      base::ToAbsl(word.stem), "\n");
    }
    return absl::StrFormat("%016x", XXH3_64bits(analysis.data(), analysis.size()));
  }

 private:
  const AnalyzerOptions options_;
  const std::unique_ptr<const WordSegmenter> segmenter_;  // only cloned
  std::shared_ptr<const StopWordSet> stop_words_;
};

absl::Status CheckStemmer(const AnalyzerOptions& options) {
  const std::string& language = options.language;
  const bool fits = options.stemmer == Analyzer::DefaultStemmer(language) ||
                    (language == "english" && options.stemmer == "english");
  if (fits) return absl::OkStatus();
  const std::string expected = language == "english"
                                   ? "\"porter\" or \"english\""
                                   : absl::StrCat("\"", Analyzer::DefaultStemmer(language), "\"");
  return absl::InvalidArgumentError(absl::StrCat("stemmer \"", options.stemmer,
                                                 "\" does not go with language ", language,
                                                 ": expected ", expected));
}

}  // namespace

std::vector<std::string> Analyzer::Languages() {
  std::vector<std::string> languages = Stemmer::Algorithms();
  std::erase(languages, "porter");
  languages.emplace_back(kNoLanguage);
  std::sort(languages.begin(), languages.end());
  return languages;
}

std::string Analyzer::DefaultStemmer(std::string_view language) {
  if (language == kNoLanguage) return "";
  return language == "english" ? "porter" : std::string(language);
}

absl::StatusOr<std::shared_ptr<const Analyzer>> Analyzer::Create(const AnalyzerOptions& options) {
  const std::vector<std::string> languages = Languages();
  if (!std::binary_search(languages.begin(), languages.end(), options.language)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "language \"", options.language, "\" is not one of ", absl::StrJoin(languages, ", ")));
  }
  RETURN_IF_ERROR(CheckStemmer(options));
  ASSIGN_OR_RETURN(std::unique_ptr<WordSegmenter> segmenter, WordSegmenter::Create());
  return std::shared_ptr<const Analyzer>(
      std::make_shared<SnowballAnalyzer>(options, std::move(segmenter)));
}

}  // namespace foraker::model
