#include "agent/answer/evidence.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "agent/answer/sentences.h"
#include "agent/eval/answer_metrics.h"

namespace foraker::agent {
namespace {

std::string WithoutParenthesis(std::string_view title) {
  const size_t open = title.rfind(" (");
  if (open != title.npos && open > 0 && title.ends_with(')')) title = title.substr(0, open);
  while (!title.empty() && absl::ascii_isspace(static_cast<uint8_t>(title.back())))
    title.remove_suffix(1);
  return std::string(title);
}

// `words` hold the title's as a run. Titles of one word count where they are capitalised.
bool Mentions(const std::vector<Word>& words, const std::vector<Word>& title) {
  if (title.empty() || title.size() > words.size()) return false;
  for (size_t i = 0; i + title.size() <= words.size(); ++i) {
    size_t n = 0;
    while (n < title.size() && words[i + n].lower == title[n].lower) ++n;
    if (n == title.size() && (n > 1 || words[i].capital || words[i].digit)) return true;
  }
  return false;
}

}  // namespace

Evidence::Evidence(const Trajectory& trajectory, const Question& question) : question_(question) {
  passages_.reserve(trajectory.passages.size());
  for (const ReadPassage& read : trajectory.passages) Read(read);
  Link();
}

size_t Evidence::Match(const std::string& key) const {
  for (size_t i = 0; i < question_.words.size(); ++i) {
    if (question_.weights[i] > 0 && question_.words[i].key == key) return i;
  }
  return kNoWord;
}

void Evidence::Read(const ReadPassage& read) {
  PassageEvidence passage;
  passage.read = &read;
  passage.title = WithoutParenthesis(read.passage.title);
  passage.normal = NormalizeAnswer(passage.title);
  passage.title_words = SplitWords(passage.title);
  passage.words = SplitWords(read.passage.text);
  passage.covered.resize(question_.words.size());
  const double total = std::max(question_.total, 1e-9);
  const double relation = std::max(question_.relation_total, 1e-9);

  size_t content = 0, named = 0;
  for (const Word& word : SplitWords(read.passage.title)) {
    const size_t match = Match(word.key);
    if (match != kNoWord) passage.covered[match] = true;
  }
  for (const Word& word : passage.title_words) {
    if (word.stop) continue;
    ++content;
    named += Match(word.key) != kNoWord;
  }
  passage.title_in_question = content == 0 ? 0 : static_cast<double>(named) / content;

  for (const Word& word : passage.words) passage.matches.push_back(Match(word.key));
  size_t at = 0;
  for (const retrieval::ByteRange& range : SplitSentences(read.passage.text)) {
    SentenceEvidence sentence;
    sentence.range = range;
    sentence.first = at;
    std::vector<bool> covered(question_.words.size());
    for (; at < passage.words.size() && passage.words[at].begin < range.end; ++at) {
      const size_t match = passage.matches[at];
      if (match == kNoWord || covered[match]) continue;
      covered[match] = passage.covered[match] = true;
      sentence.coverage += question_.weights[match] / total;
      sentence.relation += question_.relation[match] / relation;
    }
    sentence.end = at;
    passage.best_sentence = std::max(passage.best_sentence, sentence.coverage);
    best_relation_ = std::max(best_relation_, sentence.relation);
    passage.sentences.push_back(sentence);
  }
  for (size_t i = 0; i < passage.covered.size(); ++i) {
    if (!passage.covered[i]) continue;
    passage.coverage += question_.weights[i] / total;
    passage.relation += question_.relation[i] / relation;
  }
  last_step_ = std::max(last_step_, read.step);
  best_coverage_ = std::max(best_coverage_, passage.coverage);
  best_sentence_ = std::max(best_sentence_, passage.best_sentence);
  passages_.push_back(std::move(passage));
}

double Evidence::Coverage(const PassageEvidence& one, const PassageEvidence& other) const {
  double coverage = 0;
  for (size_t i = 0; i < question_.weights.size(); ++i) {
    if (one.covered[i] || other.covered[i]) coverage += question_.weights[i];
  }
  return coverage / std::max(question_.total, 1e-9);
}

void Evidence::Link() {
  for (size_t a = 0; a < passages_.size(); ++a) {
    for (size_t b = 0; b < passages_.size(); ++b) {
      if (a == b || passages_[a].normal == passages_[b].normal) continue;
      if (!Mentions(passages_[a].words, passages_[b].title_words)) continue;
      passages_[a].mentions.push_back(b);
      passages_[b].mentioned_by.push_back(a);
    }
  }
  for (size_t i = 0; i < passages_.size(); ++i) {
    const std::optional<size_t> source = Source(i);
    passages_[i].chain =
        source ? Coverage(passages_[i], passages_[*source]) : passages_[i].coverage;
    best_chain_ = std::max(best_chain_, passages_[i].chain);
  }
}

std::optional<size_t> Evidence::Source(size_t passage) const {
  const PassageEvidence& from = passages_[passage];
  std::optional<size_t> source;
  double best = from.coverage + 1e-9;
  for (const std::vector<size_t>* linked : {&from.mentioned_by, &from.mentions}) {
    for (size_t other : *linked) {
      const double together = Coverage(from, passages_[other]);
      if (together > best) best = together, source = other;
    }
  }
  return source;
}

}  // namespace foraker::agent
