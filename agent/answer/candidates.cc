#include "agent/answer/candidates.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "agent/eval/answer_metrics.h"

namespace foraker::agent {
namespace {

// Those that the question names, wherever they stand.
void KeepOptions(const Question& question, std::vector<Candidate>& candidates) {
  const auto is_option = [&](const Candidate& c) {
    return std::any_of(question.options.begin(), question.options.end(), [&](const auto& option) {
      return NormalizeAnswer(question.text.substr(option.begin, option.end - option.begin)) ==
             c.normal;
    });
  };
  std::vector<Candidate> kept;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept), is_option);
  if (!kept.empty()) candidates = std::move(kept);
}

}  // namespace

std::vector<Candidate> FindCandidates(const Evidence& evidence) {
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < evidence.passages().size(); ++i) {
    const PassageEvidence& p = evidence.passages()[i];
    if (!p.normal.empty())
      candidates.push_back({i, {SpanKind::kTitle, 0, 0, true}, p.title, p.normal});
    const std::string_view text = p.read->passage.text;
    for (const Span& span : FindSpans(text, p.words)) {
      const uint32_t begin = p.words[span.first].begin, end = p.words[span.last].end;
      Candidate c{i, span, std::string(text.substr(begin, end - begin)), {}};
      c.normal = NormalizeAnswer(c.text);
      if (!c.normal.empty()) candidates.push_back(std::move(c));
    }
  }
  if (!evidence.question().options.empty()) KeepOptions(evidence.question(), candidates);
  return candidates;
}

}  // namespace foraker::agent
