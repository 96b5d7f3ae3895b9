#include "agent/answer/features.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "agent/eval/answer_metrics.h"

namespace foraker::agent {
namespace {

// The place of a feature; a name that is not in the table does not compile.
consteval size_t At(std::string_view name) {
  for (size_t i = 0; i < kFeatures; ++i) {
    if (kFeatureNames[i] == name) return i;
  }
  throw "no such feature";
}

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
      At("is_title"), At("is_name"),   At("is_demonym"), At("is_quoted"), At("is_year"),
      At("is_date"),  At("is_number"), At("is_measure"), At("is_phrase")};
  f[kKinds[static_cast<size_t>(c.span.kind)]] = 1;
  f[At("whole")] = c.span.whole;
  const size_t n = words.size();
  f[At("one_word")] = n == 1;
  f[At("two_words")] = n == 2;
  f[At("three_words")] = n == 3;
  f[At("many_words")] = n > 3;
  f[At("comma")] = c.text.find(',') != std::string::npos;
  const Question& q = context.evidence.question();
  size_t content = 0, named = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && i + 1 < words.size() && words[i].stop) f[At("joined")] = 1;
    if (words[i].stop) continue;
    ++content;
    named += context.evidence.Match(words[i].key) != kNoWord;
    if (!q.head.empty() && words[i].key == q.head) f[At("head_in_span")] = 1;
  }
  f[At("in_question")] = Ratio(named, content);
  f[At("all_in_question")] = content > 0 && named == content;
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
      f[At("fits")] = dated;
      f[At("misfits")] = !digits && !dated;
      const bool year = IsOneOf(head, {"year", "years"});
      if (year) f[At("fits_asked")] = kind == SpanKind::kYear;
      if (head == "month") f[At("fits_asked")] = kind == SpanKind::kDate && words.size() == 1;
      if (head == "date" || head == "day")
        f[At("fits_asked")] = kind == SpanKind::kDate && words.size() >= 2;
      break;
    }
    case AnswerKind::kNumber:
      f[At("fits")] = counted;
      f[At("misfits")] = !counted && !digits;
      if (q.how_many) f[At("fits_asked")] = kind == SpanKind::kNumber;
      break;
    case AnswerKind::kPerson:
      f[At("fits")] = (kind == SpanKind::kName || kind == SpanKind::kTitle) && capital && !digits &&
                      words.size() >= 2 && words.size() <= 4 &&
                      c.text.find(',') == std::string::npos;
      f[At("misfits")] = !capital || digits || kind == SpanKind::kDemonym;
      break;
    case AnswerKind::kPlace:
      f[At("fits")] = (kind == SpanKind::kName || kind == SpanKind::kTitle) && capital && !digits;
      f[At("misfits")] = !capital || digits;
      break;
    case AnswerKind::kName:
      f[At("fits")] =
          (kind == SpanKind::kName || kind == SpanKind::kTitle || kind == SpanKind::kQuoted) &&
          capital;
      f[At("misfits")] = dated || counted;
      break;
    case AnswerKind::kOther:
      f[At("misfits")] = dated || counted;
      if (head == "nationality") f[At("fits_asked")] = kind == SpanKind::kDemonym;
      f[At("fits")] = kind == SpanKind::kPhrase;
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
    f[At("option")] = 1;
    if (i < context.years.size() && context.years[0] && context.years[1] &&
        *context.years[0] != *context.years[1]) {
      const bool earlier = *context.years[i] < *context.years[1 - i];
      f[At("option_earlier")] = q.compares_less && earlier;
      f[At("option_later")] = q.compares_more && !earlier;
    }
    const auto own = context.titles.find(c.normal);
    if (own != context.titles.end())
      f[At("option_coverage")] = context.evidence.passages()[own->second].coverage;
  }
}

void DescribePassage(const Context& context, const Candidate& c, Features& f) {
  const Evidence& e = context.evidence;
  const PassageEvidence& p = e.passages()[c.passage];
  f[At("rank")] = 1.0 / (1.0 + c.passage);
  f[At("first_step")] = p.read->step == 0;
  f[At("last_step")] = p.read->step == e.last_step();
  f[At("passage_coverage")] = p.coverage;
  f[At("passage_coverage_gap")] = e.best_coverage() - p.coverage;
  f[At("title_named")] = p.title_in_question;
  f[At("chain")] = p.chain;
  f[At("chain_gap")] = e.best_chain() - p.chain;
  f[At("mentioned")] = !p.mentioned_by.empty();
  for (size_t other : p.mentioned_by) {
    f[At("mentioned_coverage")] =
        std::max<float>(f[At("mentioned_coverage")], e.passages()[other].coverage);
  }
  f[At("mentions")] = !p.mentions.empty();
  f[At("passage_relation")] = p.relation;
  size_t named = 0, holding = 0;
  for (size_t i = 0; i < e.passages().size(); ++i) {
    if (e.passages()[i].title_in_question < 1) continue;
    ++named;
    holding += context.holders.at(c.normal).contains(i);
  }
  f[At("named_holders")] = Ratio(holding, named);
  f[At("common_holders")] = e.question().common && named > 1 && holding == named;
}

void DescribeSentence(const Context& context, const Candidate& c, size_t at, Features& f) {
  const Evidence& e = context.evidence;
  const Question& q = e.question();
  const PassageEvidence& p = e.passages()[c.passage];
  if (at >= p.sentences.size()) return;
  const SentenceEvidence& s = p.sentences[at];
  f[At("sentence_coverage")] = s.coverage;
  f[At("sentence_gap")] = e.best_sentence() - s.coverage;
  f[At("sentence_gap_in_passage")] = p.best_sentence - s.coverage;
  f[At("relation")] = s.relation;
  f[At("relation_gap")] = e.best_relation() - s.relation;
  f[At("first_sentence")] = at == 0;
  f[At("sentence_place")] = Ratio(at, p.sentences.size());
  f[At("head_in_sentence")] = HasWord(p, at, q.head);
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
  f[At("with_title")] = Ratio(with_title, q.total);
}

void DescribeNearby(const Context& context, const Candidate& c, size_t at, Features& f) {
  const Question& q = context.evidence.question();
  const PassageEvidence& p = context.evidence.passages()[c.passage];
  const SentenceEvidence& s = p.sentences[at];
  const size_t first = c.span.first, last = c.span.last;
  f[At("place_in_sentence")] = Ratio(first - s.first, s.end - s.first);
  std::vector<double> nearest(q.words.size());
  for (size_t i = s.first; i < s.end; ++i) {
    if (i >= first && i <= last) continue;
    const size_t distance = i < first ? first - i : i - last;
    if (p.matches[i] != kNoWord)
      nearest[p.matches[i]] = std::max(nearest[p.matches[i]], 2.0 / (1.0 + distance));
    if (!q.head.empty() && p.words[i].key == q.head && distance <= 4)
      (i < first ? f[At("head_before")] : f[At("head_after")]) = 1;
  }
  double near = 0, relation = 0;
  for (size_t i = 0; i < nearest.size(); ++i) {
    near += nearest[i] * q.weights[i];
    relation += nearest[i] * q.relation[i];
  }
  f[At("near")] = Ratio(near, q.total);
  f[At("near_relation")] = Ratio(relation, q.relation_total);

  const std::string_view text = p.read->passage.text;
  if (first == s.first) {
    f[At("after_start")] = 1;
  } else {
    const Word& before = p.words[first - 1];
    const std::string_view gap = text.substr(before.end, p.words[first].begin - before.end);
    f[At("after_of")] = before.lower == "of";
    f[At("after_in")] = IsOneOf(before.lower, {"in", "at", "on", "near"});
    f[At("after_by")] = before.lower == "by";
    f[At("after_the")] = before.lower == "the";
    f[At("after_a")] = IsOneOf(before.lower, {"a", "an"});
    f[At("after_is")] = IsOneOf(before.lower, {"is", "was", "are", "were", "be", "been"});
    f[At("after_and")] = IsOneOf(before.lower, {"and", "or"});
    f[At("after_from")] = IsOneOf(before.lower, {"from", "since"});
    f[At("after_to")] = IsOneOf(before.lower, {"to", "until", "into"});
    f[At("after_as")] = IsOneOf(before.lower, {"as", "called", "named"});
    f[At("after_with")] = IsOneOf(before.lower, {"with", "for", "about"});
    f[At("after_comma")] = gap.find(',') != gap.npos;
    f[At("after_bracket")] = gap.find('(') != gap.npos;
    f[At("after_verb")] = before.lower.ends_with("ed");
    f[At("after_capital")] = before.capital && gap == " ";
    f[At("after_small")] = !before.capital && !before.stop && !before.digit && gap == " ";
    f[At("after_role")] = RoleNoun(before.lower);
    f[At("after_born")] = before.lower == "born";
    f[At("after_matched")] = p.matches[first - 1] != kNoWord;
  }
  if (last + 1 >= s.end) {
    f[At("before_stop")] = 1;
  } else {
    const Word& after = p.words[last + 1];
    const std::string_view gap = text.substr(p.words[last].end, after.begin - p.words[last].end);
    f[At("before_comma")] = gap.find(',') != gap.npos;
    f[At("before_bracket")] = gap.find('(') != gap.npos || gap.find(')') != gap.npos;
    f[At("before_is")] = IsOneOf(after.lower, {"is", "was", "are", "were"});
    f[At("before_and")] = IsOneOf(after.lower, {"and", "or"});
    f[At("before_of")] = IsOneOf(after.lower, {"of", "in", "by", "at"});
    f[At("before_capital")] = after.capital && gap == " ";
    f[At("before_born")] = after.lower == "born";
    f[At("before_verb")] = after.lower.ends_with("ed");
    f[At("before_small")] = !after.capital && !after.stop && !after.digit && gap == " ";
    f[At("before_matched")] = p.matches[last + 1] != kNoWord;
  }
}

void DescribeElsewhere(const Context& context, const Candidate& c, Features& f) {
  const Evidence& e = context.evidence;
  const PassageEvidence& p = e.passages()[c.passage];
  f[At("passages")] = std::log2(static_cast<double>(context.holders.at(c.normal).size())) / 3;
  f[At("mentions_here")] = std::log2(static_cast<double>(context.counts.at(c.normal))) / 4;
  const auto own = context.titles.find(c.normal);
  if (own == context.titles.end()) return;
  const PassageEvidence& mine = e.passages()[own->second];
  f[At("own_passage")] = own->second != c.passage;
  f[At("own_coverage")] = mine.coverage;
  f[At("own_pair")] = e.Coverage(p, mine);
  f[At("own_later")] = mine.read->step > p.read->step;
  f[At("own_head")] = HasWord(mine, 0, e.question().head);
  f[At("own_born")] = HasWord(mine, 0, "born");
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

std::vector<Features> DescribeCandidates(const Evidence& evidence,
                                         std::span<const Candidate> candidates) {
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
