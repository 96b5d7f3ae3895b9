#include "index/segment/term_names.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/leb128.h"

namespace foraker::index {
namespace {

constexpr uint32_t kGroupTerms = 32;
constexpr size_t kFlushBytes = 1 << 20;

uint64_t GroupsOf(uint64_t terms) { return (terms + kGroupTerms - 1) / kGroupTerms; }

}  // namespace

void TermNamesBuilder::Add(TermKey key, std::string_view utf8) {
  const Place place{strings_.size(), static_cast<uint32_t>(utf8.size())};
  if (places_.try_emplace(key, place).second) strings_.append(utf8);
}

size_t TermNamesBuilder::memory_bytes() const {
  // A slot of the hash table is its value and a control byte; Write holds the ends of groups.
  return strings_.capacity() + places_.capacity() * (sizeof(TermKey) + sizeof(Place) + 1) +
         GroupsOf(places_.size()) * sizeof(uint64_t) + kFlushBytes;
}

absl::Status TermNamesBuilder::Write(std::span<const TermKey> keys, SectionFileWriter& out) const {
  if (std::none_of(keys.begin(), keys.end(), [this](TermKey key) { return Has(key); })) {
    return absl::OkStatus();
  }
  const auto name_of = [&](TermKey key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return std::string_view();
    return std::string_view(strings_).substr(place->second.begin, place->second.length);
  };
  std::vector<uint64_t> ends(GroupsOf(keys.size()));
  uint64_t end = 0;
  for (size_t term = 0; term < keys.size(); ++term) {
    const size_t length = name_of(keys[term]).size();
    end += length + Leb128Bytes(static_cast<uint32_t>(length));
    ends[term / kGroupTerms] = end;
  }
  const uint32_t head[2] = {static_cast<uint32_t>(keys.size()), 0};
  RETURN_IF_ERROR(out.AddArray(SectionId::kTermStrings, std::span<const uint32_t>(head)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint64_t>(ends)));
  std::string pending;
  while (!keys.empty()) {
    const auto group = keys.first(std::min<size_t>(kGroupTerms, keys.size()));
    for (const TermKey key : group) {
      AppendLeb128(static_cast<uint32_t>(name_of(key).size()), pending);
    }
    for (const TermKey key : group) pending.append(name_of(key));
    keys = keys.subspan(group.size());
    if (pending.size() >= kFlushBytes || keys.empty()) {
      RETURN_IF_ERROR(out.AppendArray(std::span<const char>(pending)));
      pending.clear();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TermNames> TermNames::Open(const SectionFile& file, uint32_t num_terms) {
  TermNames names;
  names.num_terms_ = num_terms;
  if (!file.Has(SectionId::kTermStrings)) return names;
  names.empty_ = false;
  ASSIGN_OR_RETURN(SectionCursor section, SectionCursor::Open(file, SectionId::kTermStrings));
  ASSIGN_OR_RETURN(const uint32_t stored_terms, section.TakeOne<uint32_t>());
  if (stored_terms != num_terms) {
    return CorruptSection(file, SectionId::kTermStrings,
                          absl::StrFormat("%d names for %d terms", stored_terms, num_terms));
  }
  RETURN_IF_ERROR(section.Take<uint32_t>(1).status());
  ASSIGN_OR_RETURN(names.group_ends_, section.Take<uint64_t>(GroupsOf(num_terms)));
  ASSIGN_OR_RETURN(names.groups_, section.Take<uint8_t>(section.remaining()));
  return names;
}

absl::StatusOr<std::string_view> TermNames::Get(uint32_t term) const {
  if (empty_) return std::string_view();
  ASSIGN_OR_RETURN(const auto bounds, group_ends_.BoundsOf(term / kGroupTerms, groups_.size()));
  ASSIGN_OR_RETURN(std::span<const uint8_t> rest,
                   groups_.Range(bounds.begin, bounds.end - bounds.begin));
  const uint32_t first = term / kGroupTerms * kGroupTerms;
  const uint32_t group_terms = std::min(kGroupTerms, num_terms_ - first);
  uint64_t begin = 0;
  uint32_t length = 0;
  for (uint32_t i = 0; i < group_terms; ++i) {
    const std::optional<uint32_t> number = TakeLeb128(rest);
    if (!number) return groups_.Corrupt(absl::StrFormat("name of term %d", term));
    if (first + i < term) begin += *number;
    if (first + i == term) length = *number;
  }
  if (begin > rest.size() || length > rest.size() - begin) {
    return groups_.Corrupt(absl::StrFormat("name of term %d leaves its group", term));
  }
  return std::string_view(reinterpret_cast<const char*>(rest.data()) + begin, length);
}

}  // namespace foraker::index
