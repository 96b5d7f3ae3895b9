#include "model/analyzer/elision.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace foraker::model {
namespace {

// Each between spaces, so that a search for " l " finds whole entries alone.
constexpr std::pair<std::string_view, std::string_view> kElided[] = {
    {"catalan", " d l m n s t "},
    {"french", " c d j jusqu l lorsqu m n puisqu qu quoiqu s t "},
    {"italian", " agl all c coll d dagl dall degl dell gl l m negl nell s sugl sull t un v "},
};

}  // namespace

size_t ElisionBytes(std::string_view language, std::string_view folded) {
  for (const auto& [name, elided] : kElided) {
    if (name != language) continue;
    const size_t apostrophe = folded.find('\'');
    if (apostrophe == std::string_view::npos || apostrophe + 1 == folded.size()) return 0;
    const absl::string_view before = base::ToAbsl(folded.substr(0, apostrophe));
    const std::string entry = absl::StrCat(" ", before, " ");
    return elided.find(entry) == std::string_view::npos ? 0 : apostrophe + 1;
  }
  return 0;
}

}  // namespace foraker::model
