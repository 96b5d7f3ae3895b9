#include "retrieval/stem_prior.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"
#include "retrieval/stem_prior_table.h"

namespace foraker::retrieval {
namespace {

constexpr std::string_view kHead = "# passages: ";

absl::Status Malformed(size_t line, std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrFormat("stem table, line %d: %s", line, expected));
}

}  // namespace

absl::StatusOr<StemPrior> StemPrior::Parse(std::string_view table) {
  StemPrior prior;
  size_t line = 0;
  for (const absl::string_view row : absl::StrSplit(base::ToAbsl(table), '\n', absl::SkipEmpty())) {
    ++line;
    if (line == 1) {
      if (!absl::StartsWith(row, base::ToAbsl(kHead)) ||
          !absl::SimpleAtod(row.substr(kHead.size()), &prior.passages_) || !(prior.passages_ > 0)) {
        return Malformed(line, "expected \"# passages: N\"");
      }
      continue;
    }
    const size_t tab = row.find('\t');
    uint32_t df = 0;
    if (tab == absl::string_view::npos || !absl::SimpleAtoi(row.substr(tab + 1), &df)) {
      return Malformed(line, "expected a stem, a tab and a document frequency");
    }
    const index::TermKey key =
        index::HashedTermKey(index::TermNamespace::kStem, base::ToStd(row.substr(0, tab)));
    prior.df_[key] = df;
  }
  if (line == 0) return Malformed(1, "expected \"# passages: N\"");
  return prior;
}

const StemPrior* StemPrior::Shipped(std::string_view stemmer) {
  if (stemmer != "porter") return nullptr;
  static const absl::StatusOr<StemPrior> porter = Parse(kPorterStemTable);
  return porter.ok() ? &*porter : nullptr;
}

double StemPrior::Probability(index::TermKey key) const {
  const auto at = df_.find(key);
  return at == df_.end() ? 0 : at->second / passages_;
}

}  // namespace foraker::retrieval
