#include "services/cli/ask_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/string_view.h"

namespace foraker::cli {
namespace {

using agent::AskResult;
using agent::Bill;
using agent::Passage;
using agent::Step;
using agent::Trajectory;
using base::ToAbsl;

constexpr size_t kIndent = 8;          // columns of "step 12 "
constexpr size_t kMaxTextWidth = 100;  // longer lines are hard to read

std::string StepHead(uint32_t number, const Style& style) {
  return style.Bold(
      absl::StrFormat("%-*s", static_cast<int>(kIndent), absl::StrCat("step ", number)));
}

size_t TextColumns(size_t width) {
  return std::clamp(width, kIndent + 30, kIndent + kMaxTextWidth) - kIndent;
}

// Indented lines of the cleaned text, each in the style.
void AppendWrapped(std::string_view text, size_t width,
                   std::string (Style::*in)(std::string_view) const, const Style& style,
                   std::string& out) {
  for (const std::string& line : WrapLines(Clean(text), TextColumns(width)))
    absl::StrAppend(&out, std::string(kIndent, ' '), (style.*in)(line), "\n");
}

std::string Named(std::string_view title, std::string_view id, const Style& style) {
  const std::string clean_title = Clean(title), clean_id = Clean(id);
  if (clean_title.empty() || clean_title == clean_id) return style.Bold(clean_id);
  return absl::StrCat(style.Bold(clean_title), "  ", style.Dim(clean_id));
}

void AppendPassage(const Passage& passage, const Style& style, std::string& out) {
  const std::string score = passage.rank_score ? absl::StrFormat("%8.6f", *passage.rank_score)
                                               : absl::StrFormat("%8.4f", passage.score);
  absl::StrAppend(&out, std::string(kIndent, ' '), score, "  ",
                  Named(passage.title, passage.document_id, style), "\n");
}

std::string Plural(uint64_t count, std::string_view singular, std::string_view plural) {
  return absl::StrCat(Thousands(count), " ", ToAbsl(count == 1 ? singular : plural));
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(duration));
}

std::string StageList(const agent::StageTimes& times) {
  const std::pair<const char*, absl::Duration> stages[] = {
      {"plan", times.plan},   {"search", times.search}, {"rank", times.rank},
      {"links", times.links}, {"chat", times.chat},     {"answer", times.answer}};
  std::vector<std::string> parts;
  for (const auto& [name, took] : stages) {
    if (took > absl::ZeroDuration())
      parts.push_back(absl::StrFormat("%s %.1f", name, absl::ToDoubleMilliseconds(took)));
  }
  return absl::StrJoin(parts, ", ");
}

std::string_view EndedBy(agent::StoppedBy stopped_by) {
  switch (stopped_by) {
    case agent::StoppedBy::kFinished:
      return "finished: another search is not worth its price";
    case agent::StoppedBy::kExhausted:
      return "finished: nothing is left to search for";
    case agent::StoppedBy::kSearches:
      return "stopped by the limit of searches";
    case agent::StoppedBy::kPassages:
      return "stopped by the limit of passages";
    case agent::StoppedBy::kTokens:
      return "stopped by the limit of tokens";
    case agent::StoppedBy::kTime:
      return "stopped by the limit of time";
    case agent::StoppedBy::kDeadline:
      return "stopped by the caller's deadline";
    case agent::StoppedBy::kToolFailure:
      return "stopped because a tool went on failing";
  }
  return "";
}

std::string BillText(const Bill& bill) {
  std::string text = Plural(bill.searches, "search", "searches");
  if (bill.retrieval_calls != bill.searches)
    absl::StrAppend(&text, " (", Plural(bill.retrieval_calls, "retrieval call", "retrieval calls"),
                    ")");
  absl::StrAppend(&text, ", ", Plural(bill.passages, "passage", "passages"), " of ",
                  Plural(bill.documents, "document", "documents"), " read, ",
                  Plural(bill.passage_tokens, "token", "tokens"));
  if (bill.chat_calls > 0)
    absl::StrAppend(&text, ", ", Plural(bill.chat_calls, "chat call", "chat calls"), " of ",
                    Thousands(bill.chat_tokens_in), " tokens in and ",
                    Thousands(bill.chat_tokens_out), " out");
  if (bill.rank_tokens > 0)
    absl::StrAppend(&text, ", ", Thousands(bill.rank_tokens), " tokens ranked");
  absl::StrAppend(&text, ", ", Milliseconds(bill.times.total));
  const std::string stages = StageList(bill.times);
  return stages.empty() ? text : absl::StrCat(text, " (", stages, ")");
}

void AppendAnswer(const agent::Answer& answer, const Style& style, size_t width, std::string& out) {
  if (answer.found) {
    absl::StrAppend(&out, "answer  ", style.Match(Clean(answer.text)), "\n");
  } else {
    absl::StrAppend(&out, "answer  ", style.Bold("not found"), "\n");
    AppendWrapped(answer.reason, width, &Style::Dim, style, out);
  }
  if (!answer.sentence.empty()) AppendWrapped(answer.sentence, width, &Style::Dim, style, out);
}

void AppendCitations(const agent::Answer& answer, const Style& style, size_t width,
                     std::string& out) {
  for (size_t i = 0; i < answer.citations.size(); ++i) {
    const agent::Citation& citation = answer.citations[i];
    absl::StrAppendFormat(&out, "%6s  %s", absl::StrCat("[", i + 1, "]"),
                          Named(citation.title, citation.document_id, style));
    if (citation.range.begin < citation.range.end)
      out += style.Dim(absl::StrFormat("  bytes %d-%d", citation.range.begin, citation.range.end));
    out += "\n";
    // The answer's own sentence stands above already.
    if (citation.quote != answer.sentence)
      AppendWrapped(citation.quote, width, &Style::Dim, style, out);
  }
}

}  // namespace

ThoughtText::ThoughtText(uint32_t step, const Style& style, size_t width)
    : step_(step), style_(style), columns_(TextColumns(width)) {}

std::string ThoughtText::Add(std::string_view piece) {
  std::string out;
  for (const char byte : piece) {
    if (static_cast<unsigned char>(byte) > ' ') {
      word_ += byte;
    } else {
      AppendWord(out);
    }
  }
  return out;
}

std::string ThoughtText::End() {
  std::string out;
  AppendWord(out);
  return begun_ ? out + "\n" : "";
}

void ThoughtText::AppendWord(std::string& out) {
  const std::string word = Clean(word_);
  word_.clear();
  if (word.empty()) return;
  if (!begun_) out += StepHead(step_, style_);
  begun_ = true;
  const size_t wide = DisplayWidth(word);
  if (column_ > 0 && column_ + 1 + wide > columns_) {
    absl::StrAppend(&out, "\n", std::string(kIndent, ' '));
    column_ = 0;
  } else if (column_ > 0) {
    out += ' ';
    ++column_;
  }
  out += style_.Dim(word);
  column_ += wide;
}

std::string StepText(const Step& step, const Trajectory& trajectory, bool thought_shown,
                     const Style& style, size_t width) {
  std::string body;
  if (!thought_shown) AppendWrapped(step.thought, width, &Style::Dim, style, body);
  if (step.tool == agent::Tool::kFinish) {
    AppendWrapped("no further search", width, &Style::Dim, style, body);
  } else {
    AppendWrapped(step.query.text, width, &Style::Match, style, body);
  }
  const agent::Observation& seen = step.observation;
  if (!seen.error.empty()) AppendWrapped(seen.error, width, &Style::Bold, style, body);
  if (!seen.rerank_error.empty())
    AppendWrapped(absl::StrCat("not reranked: ", seen.rerank_error), width, &Style::Bold, style,
                  body);
  for (const size_t place : seen.read)
    AppendPassage(trajectory.passages[place].passage, style, body);
  if (seen.known > 0)
    AppendWrapped(Plural(seen.known, "hit was read before", "hits were read before"), width,
                  &Style::Dim, style, body);
  if (thought_shown) return body;
  return StepHead(step.number, style) + (body.empty() ? "\n" : body.substr(kIndent));
}

std::string ResultText(const AskResult& result, const Style& style, size_t width) {
  std::string out = "\n";
  if (!result.answer.answerer.empty() || !result.answer.reason.empty()) {
    AppendAnswer(result.answer, style, width, out);
    AppendCitations(result.answer, style, width, out);
    out += "\n";
  }
  absl::StrAppend(
      &out,
      style.Dim(absl::StrCat(ToAbsl(EndedBy(result.stopped_by)), "; ", BillText(result.bill))),
      "\n");
  return out;
}

}  // namespace foraker::cli
