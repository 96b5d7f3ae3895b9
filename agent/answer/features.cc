#include "agent/answer/features.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "agent/eval/answer_metrics.h"

namespace foraker::agent {
namespace {

constexpr size_t Index(std::string_view name) {
  for (size_t i = 0; i < kFeatures; ++i) {
    if (kFeatureNames[i] == name) return i;
  }
  return kFeatures;
}
#define F(name) f[std::integral_constant<size_t, Index(name)>::value]

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Nouns of what people do end so.
bool RoleNoun(std::string_view word) {
  return word.size() > 4 &&
         (word.ends_with("er") || word.ends_with("or") || word.ends_with("ist") ||
          word.ends_with("ess") || word.ends_with("ian") || word.ends_with("man"));
}

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

struct Context {
  const Evidence& evidence;
  absl::flat_hash_map<std::string, absl::flat_hash_set<size_t>> holders;  // passages, by answer
  absl::flat_hash_map<std::string, size_t> counts;
  absl::flat_hash_map<std::string, size_t> titles;  // passage by normal title
  std::vector<std::optional<int>> years;            // of options
};

bool HasWord(const PassageEvidence& passage, size_t sentence, std::string_view key) {
  if (key.empty() || sentence >= passage.sentences.size()) return false;
  const SentenceEvidence& s = passage.sentences[sentence];
  for (size_t i = s.first; i < s.end; ++i) {
    if (passage.words[i].key == key) return true;
  }
  return false;
}

std::optional<int> FirstYear(const PassageEvidence& passage) {
  for (const Word& word : passage.words) {
    if (word.digit && word.lower.size() == 4 && (word.lower[0] == '1' || word.lower[0] == '2'))
      return std::atoi(word.lower.c_str());
  }
  return std::nullopt;
}

size_t SentenceOf(const PassageEvidence& passage, size_t word) {
  for (size_t i = 0; i < passage.sentences.size(); ++i) {
    if (word < passage.sentences[i].end) return i;
  }
  return passage.sentences.empty() ? 0 : passage.sentences.size() - 1;
}

void DescribeSpan(const Context& context, const Candidate& c, const std::vector<Word>& words,
                  Features& f) {
  static constexpr std::array<size_t, kSpanKinds> kKinds = {
      Index("is_title"),  Index("is_name"),    Index("is_demonym"),
      Index("is_quoted"), Index("is_year"),    Index("is_date"),
      Index("is_number"), Index("is_measure"), Index("is_phrase")};
  f[kKinds[static_cast<size_t>(c.span.kind)]] = 1;
  F("whole") = c.span.whole;
  const size_t n = words.size();
  F("one_word") = n == 1;
  F("two_words") = n == 2;
  F("three_words") = n == 3;
  F("many_words") = n > 3;
  F("comma") = c.text.find(',') != std::string::npos;
  const Question& q = context.evidence.question();
  size_t content = 0, named = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && i + 1 < words.size() && words[i].stop) F("joined") = 1;
    if (words[i].stop) continue;
    ++content;
    named += context.evidence.Match(words[i].key) != kNoWord;
    if (!q.head.empty() && words[i].key == q.head) F("head_in_span") = 1;
  }
  F("in_question") = Ratio(named, content);
  F("all_in_question") = content > 0 && named == content;
}

// Whether a span looks like what the question asks for.
void DescribeFit(const Context& context, const Candidate& c, const std::vector<Word>& words,
                 Features& f) {
  const Question& q = context.evidence.question();
  const SpanKind kind = c.span.kind;
  const bool dated = kind == SpanKind::kYear || kind == SpanKind::kDate;
  const bool counted =
      kind == SpanKind::kNumber || kind == SpanKind::kMeasure || kind == SpanKind::kYear;
  const bool digits =
      std::any_of(words.begin(), words.end(), [](const Word& w) { return w.digit; });
  const bool capital =
      std::all_of(words.begin(), words.end(), [](const Word& w) { return w.capital || w.stop; });
  const std::string& head = q.head_word;
  switch (q.kind) {
    case AnswerKind::kDate: {
      F("fits") = dated;
      F("misfits") = !digits && !dated;
      const bool year = IsOneOf(head, {"year", "years"});
      if (year) F("fits_asked") = kind == SpanKind::kYear;
      if (head == "month") F("fits_asked") = kind == SpanKind::kDate && words.size() == 1;
      if (head == "date" || head == "day")
        F("fits_asked") = kind == SpanKind::kDate && words.size() >= 2;
      break;
    }
    case AnswerKind::kNumber:
      F("fits") = counted;
      F("misfits") = !counted && !digits;
      if (q.how_many) F("fits_asked") = kind == SpanKind::kNumber;
      break;
    case AnswerKind::kPerson:
      F("fits") = (kind == SpanKind::kName || kind == SpanKind::kTitle) && capital && !digits &&
                  words.size() >= 2 && words.size() <= 4 && c.text.find(',') == std::string::npos;
      F("misfits") = !capital || digits || kind == SpanKind::kDemonym;
      break;
    case AnswerKind::kPlace:
      F("fits") = (kind == SpanKind::kName || kind == SpanKind::kTitle) && capital && !digits;
      F("misfits") = !capital || digits;
      break;
    case AnswerKind::kName:
      F("fits") =
          (kind == SpanKind::kName || kind == SpanKind::kTitle || kind == SpanKind::kQuoted) &&
          capital;
      F("misfits") = dated || counted;
      break;
    case AnswerKind::kOther:
      F("misfits") = dated || counted;
      if (head == "nationality") F("fits_asked") = kind == SpanKind::kDemonym;
      F("fits") = kind == SpanKind::kPhrase;
      break;
    default:
      break;
  }
}

void DescribeOptions(const Context& context, const Candidate& c, Features& f) {
  const Question& q = context.evidence.question();
  for (size_t i = 0; i < q.options.size(); ++i) {
    const auto& option = q.options[i];
    const std::string text =
        NormalizeAnswer(q.text.substr(option.begin, option.end - option.begin));
    if (text.empty() || text != c.normal) continue;
    F("option") = 1;
    if (i < context.years.size() && context.years[0] && context.years[1] &&
        *context.years[0] != *context.years[1]) {
      const bool earlier = *context.years[i] < *context.years[1 - i];
      F("option_earlier") = q.compares_less && earlier;
      F("option_later") = q.compares_more && !earlier;
    }
    const auto own = context.titles.find(c.normal);
    if (own != context.titles.end())
      F("option_coverage") = context.evidence.passages()[own->second].coverage;
  }
}

void DescribePassage(const Context& context, const Candidate& c, Features& f) {
  const Evidence& e = context.evidence;
  const PassageEvidence& p = e.passages()[c.passage];
  F("rank") = 1.0 / (1.0 + c.passage);
  F("first_step") = p.read->step == 0;
  F("last_step") = p.read->step == e.last_step();
  F("passage_coverage") = p.coverage;
  F("passage_coverage_gap") = e.best_coverage() - p.coverage;
  F("title_named") = p.title_in_question;
  F("chain") = p.chain;
  F("chain_gap") = e.best_chain() - p.chain;
  F("mentioned") = !p.mentioned_by.empty();
  for (size_t other : p.mentioned_by) {
    F("mentioned_coverage") =
        std::max<float>(F("mentioned_coverage"), e.passages()[other].coverage);
  }
  F("mentions") = !p.mentions.empty();
  F("passage_relation") = p.relation;
  size_t named = 0, holding = 0;
  for (size_t i = 0; i < e.passages().size(); ++i) {
    if (e.passages()[i].title_in_question < 1) continue;
    ++named;
    holding += context.holders.at(c.normal).contains(i);
  }
  F("named_holders") = Ratio(holding, named);
  F("common_holders") = e.question().common && named > 1 && holding == named;
}

void DescribeSentence(const Context& context, const Candidate& c, size_t at, Features& f) {
  const Evidence& e = context.evidence;
  const Question& q = e.question();
  const PassageEvidence& p = e.passages()[c.passage];
  if (at >= p.sentences.size()) return;
  const SentenceEvidence& s = p.sentences[at];
  F("sentence_coverage") = s.coverage;
  F("sentence_gap") = e.best_sentence() - s.coverage;
  F("sentence_gap_in_passage") = p.best_sentence - s.coverage;
  F("relation") = s.relation;
  F("relation_gap") = e.best_relation() - s.relation;
  F("first_sentence") = at == 0;
  F("sentence_place") = Ratio(at, p.sentences.size());
  F("head_in_sentence") = HasWord(p, at, q.head);
  std::vector<bool> covered(q.words.size());
  for (size_t i = s.first; i < s.end; ++i) {
    if (p.matches[i] != kNoWord) covered[p.matches[i]] = true;
  }
  for (const Word& word : p.title_words) {
    const size_t match = e.Match(word.key);
    if (match != kNoWord) covered[match] = true;
  }
  double with_title = 0;
  for (size_t i = 0; i < covered.size(); ++i) {
    if (covered[i]) with_title += q.weights[i];
  }
  F("with_title") = Ratio(with_title, q.total);
}

void DescribeNearby(const Context& context, const Candidate& c, size_t at, Features& f) {
  const Question& q = context.evidence.question();
  const PassageEvidence& p = context.evidence.passages()[c.passage];
  const SentenceEvidence& s = p.sentences[at];
  const size_t first = c.span.first, last = c.span.last;
  F("place_in_sentence") = Ratio(first - s.first, s.end - s.first);
  std::vector<double> nearest(q.words.size());
  for (size_t i = s.first; i < s.end; ++i) {
    if (i >= first && i <= last) continue;
    const size_t distance = i < first ? first - i : i - last;
    if (p.matches[i] != kNoWord)
      nearest[p.matches[i]] = std::max(nearest[p.matches[i]], 2.0 / (1.0 + distance));
    if (!q.head.empty() && p.words[i].key == q.head && distance <= 4)
      (i < first ? F("head_before") : F("head_after")) = 1;
  }
  double near = 0, relation = 0;
  for (size_t i = 0; i < nearest.size(); ++i) {
    near += nearest[i] * q.weights[i];
    relation += nearest[i] * q.relation[i];
  }
  F("near") = Ratio(near, q.total);
  F("near_relation") = Ratio(relation, q.relation_total);

  const std::string_view text = p.read->passage.text;
  if (first == s.first) {
    F("after_start") = 1;
  } else {
    const Word& before = p.words[first - 1];
    const std::string_view gap = text.substr(before.end, p.words[first].begin - before.end);
    F("after_of") = before.lower == "of";
    F("after_in") = IsOneOf(before.lower, {"in", "at", "on", "near"});
    F("after_by") = before.lower == "by";
    F("after_the") = before.lower == "the";
    F("after_a") = IsOneOf(before.lower, {"a", "an"});
    F("after_is") = IsOneOf(before.lower, {"is", "was", "are", "were", "be", "been"});
    F("after_and") = IsOneOf(before.lower, {"and", "or"});
    F("after_from") = IsOneOf(before.lower, {"from", "since"});
    F("after_to") = IsOneOf(before.lower, {"to", "until", "into"});
    F("after_as") = IsOneOf(before.lower, {"as", "called", "named"});
    F("after_with") = IsOneOf(before.lower, {"with", "for", "about"});
    F("after_comma") = gap.find(',') != gap.npos;
    F("after_bracket") = gap.find('(') != gap.npos;
    F("after_verb") = before.lower.ends_with("ed");
    F("after_capital") = before.capital && gap == " ";
    F("after_small") = !before.capital && !before.stop && !before.digit && gap == " ";
    F("after_role") = RoleNoun(before.lower);
    F("after_born") = before.lower == "born";
    F("after_matched") = p.matches[first - 1] != kNoWord;
  }
  if (last + 1 >= s.end) {
    F("before_stop") = 1;
  } else {
    const Word& after = p.words[last + 1];
    const std::string_view gap = text.substr(p.words[last].end, after.begin - p.words[last].end);
    F("before_comma") = gap.find(',') != gap.npos;
    F("before_bracket") = gap.find('(') != gap.npos || gap.find(')') != gap.npos;
    F("before_is") = IsOneOf(after.lower, {"is", "was", "are", "were"});
    F("before_and") = IsOneOf(after.lower, {"and", "or"});
    F("before_of") = IsOneOf(after.lower, {"of", "in", "by", "at"});
    F("before_capital") = after.capital && gap == " ";
    F("before_born") = after.lower == "born";
    F("before_verb") = after.lower.ends_with("ed");
    F("before_small") = !after.capital && !after.stop && !after.digit && gap == " ";
    F("before_matched") = p.matches[last + 1] != kNoWord;
  }
}

void DescribeElsewhere(const Context& context, const Candidate& c, Features& f) {
  const Evidence& e = context.evidence;
  const PassageEvidence& p = e.passages()[c.passage];
  F("passages") = std::log2(static_cast<double>(context.holders.at(c.normal).size())) / 3;
  F("mentions_here") = std::log2(static_cast<double>(context.counts.at(c.normal))) / 4;
  const auto own = context.titles.find(c.normal);
  if (own == context.titles.end()) return;
  const PassageEvidence& mine = e.passages()[own->second];
  F("own_passage") = own->second != c.passage;
  F("own_coverage") = mine.coverage;
  F("own_pair") = e.Coverage(p, mine);
  F("own_later") = mine.read->step > p.read->step;
  F("own_head") = HasWord(mine, 0, e.question().head);
  F("own_born") = HasWord(mine, 0, "born");
}

Context MakeContext(const Evidence& evidence, std::span<const Candidate> candidates) {
  Context context{.evidence = evidence, .holders = {}, .counts = {}, .titles = {}, .years = {}};
  for (const Candidate& c : candidates) {
    context.holders[c.normal].insert(c.passage);
    ++context.counts[c.normal];
  }
  for (size_t i = 0; i < evidence.passages().size(); ++i)
    context.titles.try_emplace(evidence.passages()[i].normal, i);
  const Question& q = evidence.question();
  for (const auto& option : q.options) {
    const auto own = context.titles.find(
        NormalizeAnswer(q.text.substr(option.begin, option.end - option.begin)));
    context.years.push_back(
        own == context.titles.end() ? std::nullopt : FirstYear(evidence.passages()[own->second]));
  }
  return context;
}

}  // namespace

// Of a question that names the answers to choose from: those, wherever they stand.
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

std::vector<Features> Describe(const Evidence& evidence, std::span<const Candidate> candidates) {
  const Context context = MakeContext(evidence, candidates);
  std::vector<Features> all(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    const PassageEvidence& p = evidence.passages()[c.passage];
    Features& f = all[i];
    f.fill(0);
    const bool title = c.span.kind == SpanKind::kTitle;
    const std::vector<Word> words = title ? p.title_words
                                          : std::vector<Word>(p.words.begin() + c.span.first,
                                                              p.words.begin() + c.span.last + 1);
    const size_t sentence = title ? 0 : SentenceOf(p, c.span.first);
    DescribeSpan(context, c, words, f);
    DescribeFit(context, c, words, f);
    DescribeOptions(context, c, f);
    DescribePassage(context, c, f);
    DescribeSentence(context, c, sentence, f);
    if (!title && !p.sentences.empty()) DescribeNearby(context, c, sentence, f);
    DescribeElsewhere(context, c, f);
  }
  return all;
}

}  // namespace foraker::agent
