#include "agent/answer/question.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace foraker::agent {
namespace {

using NounTable = absl::flat_hash_map<std::string_view, AnswerKind>;

// Nouns whose name gives the kind away.
const NounTable& Nouns() {
  static const auto* const table = [] {
    auto* nouns = new NounTable();
    const auto add = [&](AnswerKind kind, std::initializer_list<std::string_view> words) {
      for (std::string_view word : words) nouns->emplace(word, kind);
    };
    add(AnswerKind::kPerson,
        {"person",      "man",        "woman",    "actor",       "actress",    "singer",
         "author",      "writer",     "director", "player",      "president",  "king",
         "queen",       "composer",   "artist",   "musician",    "politician", "poet",
         "philosopher", "founder",    "coach",    "manager",     "character",  "son",
         "daughter",    "father",     "mother",   "wife",        "husband",    "brother",
         "sister",      "spouse",     "sibling",  "child",       "performer",  "novelist",
         "scientist",   "footballer", "comedian", "businessman", "producer",   "guitarist",
         "rapper",      "model",      "emperor",  "leader",      "governor",   "star",
         "entertainer"});
    add(AnswerKind::kPlace,
        {"city",    "country",   "state",        "county",   "town",     "place",
         "village", "continent", "region",       "province", "district", "location",
         "island",  "river",     "lake",         "capital",  "nation",   "birthplace",
         "area",    "territory", "municipality", "seat",     "borough",  "peninsula",
         "suburb",  "street",    "mountain",     "sea",      "ocean"});
    add(AnswerKind::kDate, {"year", "date", "day", "month", "decade", "century", "season"});
    add(AnswerKind::kNumber,
        {"number", "population", "percentage", "amount", "height", "length", "age", "distance",
         "expectancy", "size", "elevation", "rank", "position"});
    add(AnswerKind::kOther,
        {"genre",   "nationality", "profession", "occupation", "language", "religion",
         "style",   "type",        "kind",       "sort",       "color",    "colour",
         "species", "instrument",  "ethnicity",  "form",       "job",      "sport",
         "role",    "term",        "purpose",    "function",   "cause",    "reason",
         "effect",  "method",      "advantage"});
    return nouns;
  }();
  return *table;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsVerb(std::string_view word) {  // one that ends a noun phrase after "which"
  return IsOneOf(word, {"is", "was", "were", "are", "did", "does", "do", "has", "had", "have",
                        "can", "could", "will", "would", "should"});
}

bool IsQuestionWord(std::string_view word) {
  return IsOneOf(word, {"who", "whom", "whose", "when", "where", "what", "which", "how", "why"});
}

// The last question word that stands where one asks: at the start, at the end, or after a
// preposition; else the first.
size_t FindAsked(const std::vector<Word>& words) {
  size_t best = words.size();
  int best_rank = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].lower;
    if (!IsQuestionWord(word)) continue;
    int rank = 1;
    if (IsOneOf(word, {"what", "how"})) rank = 2;
    if (i > 0 && word == "which" && words[i - 1].stop) rank = 2;
    if (i + 3 >= words.size()) rank = 3;
    if (i == 0 || (i == 1 && words[0].stop)) rank = 4;
    if (rank > best_rank) best_rank = rank, best = i;
  }
  return best;
}

// The noun after "which" or "what (is the)": the last word of its phrase.
std::optional<size_t> FindHead(const std::vector<Word>& words, size_t asked) {
  size_t i = asked + 1;
  while (i < words.size() && (IsVerb(words[i].lower) ||
                              IsOneOf(words[i].lower, {"the", "a", "an", "name", "of", "one"})))
    ++i;
  std::optional<size_t> head;
  for (size_t n = 0; i < words.size() && n < 6; ++i, ++n) {
    if (words[i].stop || IsVerb(words[i].lower)) break;
    // The phrase is over at a verb; nouns of the table end it, too.
    if (head && (words[i].lower.ends_with("ed") || words[i].capital)) break;
    head = i;
    if (Nouns().contains(words[i].lower)) {
      // "birth place", "record label": the next word may still belong to it.
      if (i + 1 < words.size() && !words[i + 1].stop && Nouns().contains(words[i + 1].lower))
        continue;
      break;
    }
  }
  return head;
}

AnswerKind KindOf(const std::vector<Word>& words, size_t asked, std::optional<size_t> head) {
  if (asked == words.size()) return AnswerKind::kName;
  const std::string& word = words[asked].lower;
  if (IsOneOf(word, {"who", "whom", "whose"})) return AnswerKind::kPerson;
  if (word == "when") return AnswerKind::kDate;
  if (word == "where") return AnswerKind::kPlace;
  if (word == "why") return AnswerKind::kOther;
  if (word == "how") {
    const std::string next = asked + 1 < words.size() ? words[asked + 1].lower : "";
    return IsOneOf(next, {"do", "does", "did", "is", "was", "were", "are", "can"})
               ? AnswerKind::kOther
               : AnswerKind::kNumber;
  }
  if (!head) return AnswerKind::kOther;
  const auto noun = Nouns().find(words[*head].lower);
  if (noun != Nouns().end()) return noun->second;
  const std::string& lower = words[*head].lower;
  if (lower.ends_with("s") && Nouns().contains(std::string_view(lower).substr(0, lower.size() - 1)))
    return Nouns().at(std::string_view(lower).substr(0, lower.size() - 1));
  return AnswerKind::kName;
}

bool StartsYesNo(const std::vector<Word>& words) {
  return !words.empty() && (IsVerb(words[0].lower) || words[0].lower == "am");
}

// "…, A or B?": what stands on both sides of the last "or". A comma or colon before the first says
// where it begins; else it is the run of capitalised words. The second one ends the question.
std::vector<retrieval::ByteRange> FindOptions(std::string_view text,
                                              const std::vector<Word>& words) {
  constexpr size_t kMaxWords = 8;
  size_t at = words.size();
  while (at > 0 && words[at - 1].lower != "or") --at;
  if (at < 2 || at == words.size() || words.size() - at > kMaxWords) return {};
  const auto breaks = [&](size_t i) {  // between word i - 1 and word i
    return text.substr(words[i - 1].end, words[i].begin - words[i - 1].end).find_first_of(",:;") !=
           text.npos;
  };
  for (size_t i = at + 1; i < words.size(); ++i) {
    if (breaks(i)) return {};
  }
  const size_t conjunction = at - 1;
  size_t left = conjunction;  // a comma just before "or" belongs to neither
  do {
    --left;
  } while (left > 0 && conjunction - left < kMaxWords && !breaks(left));
  if (left == 0 || !breaks(left)) {
    left = conjunction;
    while (left > 0 && (words[left - 1].capital || words[left - 1].digit)) --left;
    if (left == conjunction || left == 0) return {};
  }
  return {{words[left].begin, words[conjunction - 1].end}, {words[at].begin, words.back().end}};
}

bool IsStem(const retrieval::AnalyzedTerm& term) { return term.kind == "stem"; }

// Function words count nothing, a repeated word once. The relation is told by the first words after
// the question word, up to a relative clause, and by a verb that closes the question.
void WeighWords(std::span<const retrieval::AnalyzedTerm> terms, Question& question) {
  constexpr int kRelationWords = 4;
  const std::vector<Word>& words = question.words;
  question.weights.resize(words.size());
  question.relation.resize(words.size());
  const bool stems = std::any_of(terms.begin(), terms.end(), IsStem);
  const bool placed = std::any_of(terms.begin(), terms.end(), [](const auto& term) {
    return term.range.begin < term.range.end;
  });
  absl::flat_hash_set<std::string_view> seen;
  int near = 0;
  bool inner = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > question.asked && near > 0 &&
        IsOneOf(words[i].lower, {"that", "which", "who", "whose", "where", "whom"}))
      inner = true;
    if (words[i].stop || !seen.insert(words[i].key).second) continue;
    double weight = placed ? 0 : 1;
    for (const retrieval::AnalyzedTerm& term : terms) {
      if (IsStem(term) == stems && term.range.begin < words[i].end &&
          words[i].begin < term.range.end)
        weight = std::max(weight, term.idf);
    }
    question.weights[i] = weight;
    question.total += weight;
    if (i > question.asked && !inner && near < kRelationWords) {
      question.relation[i] = weight;
      ++near;
    }
  }
  // "When was the singer of … born?": the verb may close the question.
  if (question.asked + 1 < words.size() && IsVerb(words[question.asked + 1].lower)) {
    const size_t last = words.size() - 1;
    if (!words[last].capital && !words[last].digit)
      question.relation[last] = question.weights[last];
  }
  for (double weight : question.relation) question.relation_total += weight;
}

}  // namespace

std::string_view AnswerKindName(AnswerKind kind) {
  static constexpr std::array<std::string_view, kAnswerKinds> kNames = {
      "person", "place", "date", "number", "name", "other", "yes_no"};
  return kNames[static_cast<size_t>(kind)];
}

Question AnalyzeQuestion(std::string_view text, std::span<const retrieval::AnalyzedTerm> terms) {
  Question question;
  question.text = std::string(text);
  question.words = SplitWords(text);
  const std::vector<Word>& words = question.words;
  question.asked = FindAsked(words);
  const std::optional<size_t> head =
      question.asked < words.size() && IsOneOf(words[question.asked].lower, {"what", "which"})
          ? FindHead(words, question.asked)
          : std::nullopt;
  if (head) {
    question.head = words[*head].key;
    question.head_word = words[*head].lower;
  }
  question.how_many = question.asked + 1 < words.size() && words[question.asked].lower == "how" &&
                      words[question.asked + 1].lower == "many";
  question.common = std::any_of(words.begin(), words.end(), [](const Word& w) {
    return IsOneOf(w.lower, {"common", "both", "shared", "share", "similar", "same"});
  });
  question.kind = KindOf(words, question.asked, head);
  question.options = FindOptions(text, words);
  // "… and … have the same origin?" has no word that asks.
  const bool unasked = question.asked == words.size() && question.common;
  if ((StartsYesNo(words) || unasked) && question.options.empty())
    question.kind = AnswerKind::kYesNo;
  for (const Word& word : words) {
    question.compares_less |= IsOneOf(word.lower, {"first", "earlier", "older", "oldest", "smaller",
                                                   "fewer", "shorter", "before"});
    question.compares_more |=
        IsOneOf(word.lower, {"later", "younger", "youngest", "more", "larger", "longer", "taller",
                             "higher", "latest", "recently"});
  }
  WeighWords(terms, question);
  return question;
}

}  // namespace foraker::agent
