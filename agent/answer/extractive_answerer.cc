#include "agent/answer/extractive_answerer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/answer/candidates.h"
#include "agent/answer/evidence.h"
#include "agent/answer/features.h"
#include "agent/answer/question.h"
#include "agent/answer/ranker.h"
#include "agent/answer/yes_no.h"

namespace foraker::agent {
namespace {

// Below this share of the question's weight, the passages are about something else.
constexpr double kLeastCoverage = 0.2;
// Words named in a reason.
constexpr size_t kMissingWords = 5;

Citation Cite(const Passage& passage, retrieval::ByteRange range) {
  return {.document_id = passage.document_id,
          .title = passage.title,
          .passage = passage.ordinal,
          .range = {passage.range.begin + range.begin, passage.range.begin + range.end},
          .quote = passage.text.substr(range.begin, range.end - range.begin)};
}

// The sentence of a passage that holds most of the question; the whole passage has at least one
// unless it is blank.
std::optional<size_t> BestSentence(const PassageEvidence& passage) {
  if (passage.sentences.empty()) return std::nullopt;
  const auto best = std::max_element(
      passage.sentences.begin(), passage.sentences.end(),
      [](const SentenceEvidence& a, const SentenceEvidence& b) { return a.coverage < b.coverage; });
  return static_cast<size_t>(best - passage.sentences.begin());
}

void CiteSentence(const PassageEvidence& passage, size_t sentence, Answer& answer) {
  const retrieval::ByteRange range = passage.sentences[sentence].range;
  Citation citation = Cite(passage.read->passage, range);
  const bool known =
      std::any_of(answer.citations.begin(), answer.citations.end(), [&](const Citation& other) {
        return other.document_id == citation.document_id &&
               other.range.begin == citation.range.begin && other.range.end == citation.range.end;
      });
  if (!known) answer.citations.push_back(std::move(citation));
}

// Words of the question that no passage holds, the rarest first.
std::vector<std::string> MissingWords(const Evidence& evidence) {
  const Question& question = evidence.question();
  std::vector<std::pair<double, size_t>> missing;
  for (size_t i = 0; i < question.words.size(); ++i) {
    const bool held =
        std::any_of(evidence.passages().begin(), evidence.passages().end(),
                    [&](const PassageEvidence& passage) { return passage.covered[i]; });
    if (question.weights[i] > 0 && !held) missing.emplace_back(-question.weights[i], i);
  }
  std::sort(missing.begin(), missing.end());
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(missing.size(), kMissingWords); ++i) {
    const Word& word = question.words[missing[i].second];
    words.push_back(question.text.substr(word.begin, word.end - word.begin));
  }
  return words;
}

Answer NotFound(std::string reason) {
  Answer answer;
  answer.reason = std::move(reason);
  answer.answerer = "extractive";
  return answer;
}

std::optional<Answer> CheckEvidence(const Evidence& evidence) {
  if (evidence.passages().empty()) return NotFound("No passage was read.");
  if (evidence.question().total <= 0)
    return NotFound("The question has no word that could be looked for.");
  if (evidence.best_coverage() >= kLeastCoverage) return std::nullopt;
  return NotFound(absl::StrCat("None of the ", evidence.passages().size(),
                               " passages read is about the question: they lack \"",
                               absl::StrJoin(MissingWords(evidence), "\", \""), "\"."));
}

Answer AnswerYesNo(const Evidence& evidence) {
  const YesNo decided = DecideYesNo(evidence);
  Answer answer;
  answer.found = true;
  answer.text = decided.yes ? "yes" : "no";
  answer.confidence = decided.confidence;
  answer.answerer = "extractive";
  std::vector<size_t> passages = decided.passages;
  if (passages.empty()) passages.push_back(0);
  for (size_t passage : passages) {
    const std::optional<size_t> sentence = BestSentence(evidence.passages()[passage]);
    if (sentence) CiteSentence(evidence.passages()[passage], *sentence, answer);
  }
  if (!answer.citations.empty()) answer.sentence = answer.citations.front().quote;
  return answer;
}

// The span itself first, then its sentence, then the best sentence of the passage that leads to it.
void CiteSpan(const Evidence& evidence, const Candidate& candidate, Answer& answer) {
  const PassageEvidence& passage = evidence.passages()[candidate.passage];
  std::optional<size_t> sentence;
  if (candidate.span.kind == SpanKind::kTitle) {
    Citation title = Cite(passage.read->passage, {0, 0});
    title.range = {};
    answer.citations.push_back(std::move(title));
    sentence = BestSentence(passage);
  } else {
    const Word& first = passage.words[candidate.span.first];
    answer.citations.push_back(
        Cite(passage.read->passage, {first.begin, passage.words[candidate.span.last].end}));
    sentence = 0;
    while (*sentence + 1 < passage.sentences.size() &&
           candidate.span.first >= passage.sentences[*sentence].end) {
      ++*sentence;
    }
  }
  if (sentence) {
    CiteSentence(passage, *sentence, answer);
    answer.sentence = answer.citations.back().quote;
  }
  if (const std::optional<size_t> source = evidence.Source(candidate.passage)) {
    const PassageEvidence& other = evidence.passages()[*source];
    if (const std::optional<size_t> best = BestSentence(other)) CiteSentence(other, *best, answer);
  }
}

Answer AnswerSpan(const Evidence& evidence) {
  const std::vector<Candidate> candidates = FindCandidates(evidence);
  const std::vector<RankedAnswer> ranked = AnswerRanker::BuiltIn().Rank(
      evidence.question().kind, candidates, DescribeCandidates(evidence, candidates));
  if (ranked.empty()) return NotFound("The passages read hold nothing that could be an answer.");
  const Candidate& best = candidates[ranked.front().candidate];
  Answer answer;
  answer.found = true;
  answer.text = best.text;
  answer.confidence = std::min(1.0, ranked.front().probability);
  answer.answerer = "extractive";
  CiteSpan(evidence, best, answer);
  return answer;
}

class ExtractiveAnswerer : public Answerer {
 public:
  absl::StatusOr<Answer> Find(const Trajectory& trajectory, Session& session) override {
    std::vector<retrieval::AnalyzedTerm> terms;
    if (absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> analyzed =
            session.Analyze(trajectory.question);
        analyzed.ok()) {
      terms = *std::move(analyzed);
    } else if (absl::IsCancelled(analyzed.status())) {
      return analyzed.status();
    }
    const Question question = AnalyzeQuestion(trajectory.question, terms);
    const Evidence evidence(trajectory, question);
    if (std::optional<Answer> nothing = CheckEvidence(evidence)) return *std::move(nothing);
    return question.kind == AnswerKind::kYesNo ? AnswerYesNo(evidence) : AnswerSpan(evidence);
  }
};

}  // namespace

std::unique_ptr<Answerer> MakeExtractiveAnswerer() {
  return std::make_unique<ExtractiveAnswerer>();
}

}  // namespace foraker::agent
