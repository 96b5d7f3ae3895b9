#include "services/cli/search_text.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace foraker::cli {
namespace {

using retrieval::ByteRange;
using retrieval::Explanation;
using retrieval::SearchHit;
using retrieval::SearchRequest;
using retrieval::SearchResult;
using retrieval::Snippet;
using retrieval::TermContribution;
using Align = Table::Align;

// Columns before a hit's text: rank (3), score (8) and the blanks between.
constexpr size_t kIndent = 15;
constexpr size_t kMaxTextWidth = 100;  // longer lines are hard to read

void AppendIndented(std::string_view text, size_t width, std::string& out) {
  const size_t columns = std::clamp(width, kIndent + 30, kIndent + kMaxTextWidth) - kIndent;
  for (const std::string& line : WrapLines(text, columns))
    out += std::string(kIndent, ' ') + line + "\n";
}

// Each word of a highlighted range is styled by itself, so that wrapping may break between them.
std::string Styled(std::string_view words, const Style& style) {
  std::string styled;
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    if (begin > 0) styled += ' ';
    styled += style.Match(words.substr(begin, end - begin));
    begin = end + 1;
  }
  return styled;
}

bool EndsInBlank(std::string_view text) {
  return !text.empty() && Clean(text.substr(text.size() - 1)).empty();
}
bool StartsWithBlank(std::string_view text) {
  return !text.empty() && Clean(text.substr(0, 1)).empty();
}

std::string Highlighted(const Snippet& snippet, const Style& style) {
  const std::string_view text = snippet.text;
  std::string styled;
  size_t at = 0;
  const auto append_plain = [&](size_t end) {
    const std::string_view plain = text.substr(at, end - at);
    const std::string clean = Clean(plain);
    if (StartsWithBlank(plain) && !styled.empty()) styled += ' ';
    styled += clean;
    if (EndsInBlank(plain) && !clean.empty()) styled += ' ';
    at = end;
  };
  for (const ByteRange& range : snippet.highlights) {
    if (range.begin < at || range.end > text.size() || range.begin >= range.end) continue;
    append_plain(range.begin);
    styled += Styled(Clean(text.substr(range.begin, range.end - range.begin)), style);
    at = range.end;
  }
  append_plain(text.size());
  return styled;
}

// Where in the document the term's weight came from.
std::string WordOf(const TermContribution& term) {
  if (term.in_title) return "title";
  return term.word.has_value() ? Ellipsis(Clean(term.word_text), 30) : "";
}

std::string ExplanationTable(const Explanation& explanation) {
  Table table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight,
               Align::kRight, Align::kRight, Align::kRight});
  table.Add({"term", "kind", "word", "query", "stored", "product", "in passages", "idf"});
  for (const TermContribution& term : explanation.terms) {
    table.Add({Ellipsis(Clean(term.term), 40), term.kind, WordOf(term),
               absl::StrFormat("%.4f", term.query_weight),
               term.stored_weight > 0 ? absl::StrFormat("%.4f", term.stored_weight) : "-",
               absl::StrFormat("%.4f", term.query_weight * term.stored_weight),
               Thousands(term.document_frequency), absl::StrFormat("%.3f", term.idf)});
  }
  return table.ToString();
}

void AppendTerms(const Explanation& explanation, std::string& out) {
  const std::string table = ExplanationTable(explanation);
  for (size_t begin = 0; begin < table.size();) {
    const size_t end = table.find('\n', begin);
    out += std::string(kIndent, ' ') + table.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
}

void AppendHit(size_t rank, const SearchHit& hit, const Style& style, size_t width,
               std::string& out) {
  const std::string title = Clean(hit.document.title);
  const std::string id = Clean(hit.document.id);
  if (hit.rank_score) {
    absl::StrAppendFormat(&out, "%3d  %8.6f  ", rank, *hit.rank_score);
  } else {
    absl::StrAppendFormat(&out, "%3d  %8.4f  ", rank, hit.score);
  }
  if (title.empty() || title == id) {
    out += style.Bold(id);
  } else {
    absl::StrAppend(&out, style.Bold(title), "  ", style.Dim(id));
  }
  if (hit.rank_score) out += style.Dim(absl::StrFormat("  found with %.4f", hit.score));
  out += "\n";
  for (const Snippet& snippet : hit.snippets)
    AppendIndented(Highlighted(snippet, style), width, out);
  if (!hit.document.fields.empty()) {
    std::string fields;
    for (const std::string& line :
         WrapLines(ToText(hit.document.fields),
                   std::clamp(width, kIndent + 30, kIndent + kMaxTextWidth) - kIndent))
      absl::StrAppend(&fields, std::string(kIndent, ' '), style.Dim(line), "\n");
    out += fields;
  }
  if (hit.explanation) AppendTerms(*hit.explanation, out);
}

void AppendFacet(const retrieval::Facet& facet, const Style& style, std::string& out) {
  absl::StrAppend(&out, "\n", style.Bold(facet.field), "\n");
  Table table({Align::kRight, Align::kLeft});
  for (const retrieval::FacetValue& value : facet.values)
    table.Add({Thousands(value.count), Ellipsis(Clean(ToText(value.value)), 60)});
  if (facet.other > 0) table.Add({Thousands(facet.other), style.Dim("other values")});
  out += table.ToString();
}

std::string Summary(const SearchResult& result) {
  std::string line =
      absl::StrFormat("%d hit%s among %s documents in %s, ", result.hits.size(),
                      result.hits.size() == 1 ? "" : "s", Thousands(result.filtered_documents),
                      absl::StrFormat("%.2f ms", static_cast<double>(result.timing.total) / 1000));
  line += result.exact
              ? "exact"
              : absl::StrFormat("stopped early: no other document scores above %.4f", result.bound);
  absl::StrAppendFormat(&line, "; %s of %s postings read", Thousands(result.postings_scanned),
                        Thousands(result.postings_predicted));
  if (result.terms_unknown > 0)
    absl::StrAppendFormat(&line, "; %d of %d query terms unknown", result.terms_unknown,
                          result.terms_known + result.terms_unknown);
  if (result.query_tokens_dropped > 0)
    absl::StrAppendFormat(&line, "; the last %d tokens of the query were too many for the encoder",
                          result.query_tokens_dropped);
  if (result.timing.rerank > 0)
    absl::StrAppendFormat(&line, "; the model read %s tokens in %.2f s",
                          Thousands(result.rank_tokens),
                          static_cast<double>(result.timing.rerank) / 1e6);
  return line;
}

}  // namespace

std::string ToText(const retrieval::Value& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, absl::Time>) {
          return absl::FormatTime(absl::RFC3339_full, held, absl::UTCTimeZone());
        } else if constexpr (std::is_same_v<Held, bool>) {
          return held ? "true" : "false";
        } else {
          return absl::StrCat(held);
        }
      },
      value);
}

std::string ToText(const retrieval::FieldValues& fields) {
  std::vector<std::string> parts;
  for (const auto& [name, values] : fields) {
    std::vector<std::string> texts;
    for (const retrieval::Value& value : values) texts.push_back(ToText(value));
    parts.push_back(absl::StrCat(name, ": ", absl::StrJoin(texts, ", ")));
  }
  return Clean(absl::StrJoin(parts, " · "));
}

std::string ToText(const SearchRequest& request, const SearchResult& result, size_t first_rank,
                   const Style& style, size_t width) {
  std::string out;
  for (size_t i = 0; i < result.hits.size(); ++i)
    AppendHit(first_rank + i, result.hits[i], style, width, out);
  for (const Explanation& explanation : result.explanations) {
    absl::StrAppendFormat(&out, "\n%s  score %.4f\n", style.Bold(Clean(explanation.document_id)),
                          explanation.score);
    if (!explanation.reason.empty())
      out += std::string(kIndent, ' ') + style.Dim(Clean(explanation.reason)) + "\n";
    AppendTerms(explanation, out);
  }
  for (const retrieval::Facet& facet : result.facets) AppendFacet(facet, style, out);
  if (!out.empty()) out += "\n";
  absl::StrAppend(&out, style.Dim(Summary(result)), "\n");
  if (request.want_page_token && !result.next_page_token.empty())
    absl::StrAppend(&out, style.Dim("next page: --page-token "), result.next_page_token, "\n");
  return out;
}

}  // namespace foraker::cli
