#include "services/cli/encoded_text.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace foraker::cli {
namespace {

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string NameOf(const EncodedTerm& term) {
  switch (term.kind) {
    case index::TermNamespace::kStem:
      return Quoted("stem:" + term.text);
    case index::TermNamespace::kTitle:
      return Quoted("title:" + term.text);
    case index::TermNamespace::kWordPiece:
    case index::TermNamespace::kImported:
      break;
  }
  return Quoted(term.text);
}

void AppendNumber(float value, std::string& out) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, end.ptr);
}

// "NAME": VALUE, ... between braces.
template <typename AppendValue>
void AppendObject(const std::vector<EncodedTerm>& terms, AppendValue append_value,
                  std::string& out) {
  out += '{';
  const char* separator = "";
  for (const EncodedTerm& term : terms) {
    const std::string name = NameOf(term);
    const size_t begin = out.size();
    absl::StrAppend(&out, separator, name, ": ");
    if (append_value(term)) {
      separator = ", ";
    } else {
      out.resize(begin);
    }
  }
  out += '}';
}

}  // namespace

std::string ToJsonLine(EncodedText text) {
  std::stable_sort(text.terms.begin(), text.terms.end(),
                   [](const EncodedTerm& a, const EncodedTerm& b) { return a.weight > b.weight; });
  std::string out = absl::StrCat("{\"_id\": ", Quoted(text.id));
  if (text.passage.has_value()) {
    absl::StrAppend(&out, ", \"passage\": ", text.passage->number,
                    ", \"begin\": ", text.passage->range.begin,
                    ", \"end\": ", text.passage->range.end);
  }
  absl::StrAppend(&out, ", \"tokens\": ", text.tokens,
                  ", \"tokens_dropped\": ", text.tokens_dropped, ", \"vector\": ");
  AppendObject(
      text.terms,
      [&](const EncodedTerm& term) {
        AppendNumber(term.weight, out);
        return true;
      },
      out);
  out += ", \"positions\": ";
  AppendObject(
      text.terms,
      [&](const EncodedTerm& term) {
        if (term.in_title) {
          out += "\"title\"";
        } else if (term.word.has_value()) {
          absl::StrAppend(&out, "[", term.word->begin, ", ", term.word->end, "]");
        }
        return term.in_title || term.word.has_value();
      },
      out);
  out += "}\n";
  return out;
}

}  // namespace foraker::cli
