#include "index/segment/counted_terms.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/leb128.h"

namespace foraker::index {
namespace {

constexpr size_t kGroupPassages = 16;  // a passage's list is found by skipping up to 15
constexpr size_t kFlushBytes = size_t{1} << 20;

size_t GroupsOf(size_t passages) { return (passages + kGroupPassages - 1) / kGroupPassages; }

}  // namespace

absl::Status CountedTermsBuilder::Check(const Document& document) const {
  const auto refuse = [&document](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrFormat("document '%s': %s", document.id, what));
  };
  if (any_documents_ && document.counted_namespace != counted_) {
    return refuse("counts terms of another namespace than the segment's other documents");
  }
  for (const Passage& passage : document.passages) {
    const std::vector<TermKey>& keys = passage.counted;
    if (std::any_of(keys.begin(), keys.end(), [&](TermKey key) {
          return !document.counted_namespace || NamespaceOf(key) != *document.counted_namespace;
        })) {
      return refuse("a counted term lies outside the counted namespace");
    }
    if (std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) != keys.end()) {
      return refuse("counted terms do not ascend");
    }
  }
  return absl::OkStatus();
}

void CountedTermsBuilder::Add(const Document& document) {
  any_documents_ = true;
  counted_ = document.counted_namespace;
  if (!counted_) return;
  for (const Passage& passage : document.passages) {
    for (const TermKey key : passage.counted) {
      const auto [at, fresh] = local_.try_emplace(key, static_cast<uint32_t>(keys_.size()));
      if (fresh) {
        keys_.push_back(key);
        frequencies_.push_back(0);
      }
      ++frequencies_[at->second];
      terms_.push_back(at->second);
    }
    term_ends_.push_back(terms_.size());
  }
  passage_ends_.push_back(static_cast<uint32_t>(term_ends_.size()));
}

size_t CountedTermsBuilder::memory_bytes() const {
  if (!counted_) return 0;
  return terms_.size() * sizeof(uint32_t) + term_ends_.capacity() * sizeof(uint64_t) +
         passage_ends_.capacity() * sizeof(uint32_t) +
         local_.capacity() * (sizeof(TermKey) + sizeof(uint32_t) + 5) +
         keys_.capacity() * 2 * (sizeof(TermKey) + 2 * sizeof(uint32_t)) +
         term_ends_.size() * sizeof(uint32_t) + GroupsOf(term_ends_.size()) * sizeof(uint64_t) +
         kFlushBytes;
}

std::vector<uint32_t> CountedTermsBuilder::PassageOrder(std::span<const uint32_t> documents) const {
  std::vector<uint32_t> passages;
  passages.reserve(term_ends_.size());
  for (const uint32_t document : documents) {
    for (uint32_t p = document == 0 ? 0 : passage_ends_[document - 1]; p < passage_ends_[document];
         ++p) {
      passages.push_back(p);
    }
  }
  return passages;
}

void CountedTermsBuilder::AppendList(uint32_t passage, std::span<const uint32_t> place,
                                     std::string& out) const {
  const uint64_t begin = passage == 0 ? 0 : term_ends_[passage - 1];
  const uint64_t end = term_ends_[passage];
  AppendLeb128(static_cast<uint32_t>(end - begin), out);
  uint32_t least = 0;  // keys ascend within a passage, so places do
  for (uint64_t i = begin; i < end; ++i) {
    const uint32_t at = place[terms_[i]];
    AppendLeb128(at - least, out);
    least = at + 1;
  }
}

absl::Status CountedTermsBuilder::Write(std::span<const uint32_t> order,
                                        SectionFileWriter& out) const {
  if (!counted_) return absl::OkStatus();
  std::vector<uint32_t> local(keys_.size());  // place among the keys -> local number
  std::iota(local.begin(), local.end(), 0u);
  std::sort(local.begin(), local.end(),
            [this](uint32_t a, uint32_t b) { return keys_[a] < keys_[b]; });
  std::vector<uint32_t> place(keys_.size());  // the way back
  std::vector<TermKey> keys(keys_.size());
  std::vector<uint32_t> frequencies(keys_.size());
  for (uint32_t i = 0; i < local.size(); ++i) {
    place[local[i]] = i;
    keys[i] = keys_[local[i]];
    frequencies[i] = frequencies_[local[i]];
  }
  const std::vector<uint32_t> passages = PassageOrder(order);
  // Ends stand before the lists, which are therefore made twice: cheaper than to keep them.
  std::vector<uint64_t> group_ends(GroupsOf(passages.size()));
  std::string lists;
  uint64_t end = 0;
  for (size_t i = 0; i < passages.size(); ++i) {
    lists.clear();
    AppendList(passages[i], place, lists);
    end += lists.size();
    group_ends[i / kGroupPassages] = end;
  }
  lists.clear();

  const uint32_t head[2] = {static_cast<uint32_t>(*counted_), static_cast<uint32_t>(keys.size())};
  RETURN_IF_ERROR(out.AddArray(SectionId::kCountedTerms, std::span<const uint32_t>(head)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const TermKey>(keys)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint64_t>(group_ends)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(frequencies)));
  for (const uint32_t passage : passages) {
    AppendList(passage, place, lists);
    if (lists.size() < kFlushBytes) continue;
    RETURN_IF_ERROR(out.AppendArray(std::span<const char>(lists)));
    lists.clear();
  }
  return out.AppendArray(std::span<const char>(lists));
}

absl::StatusOr<std::optional<CountedTerms>> CountedTerms::Open(const SectionFile& file,
                                                               uint32_t num_passages) {
  if (!file.Has(SectionId::kCountedTerms)) return std::nullopt;
  CountedTerms counted;
  counted.file_ = &file;
  counted.num_passages_ = num_passages;
  ASSIGN_OR_RETURN(SectionCursor section, SectionCursor::Open(file, SectionId::kCountedTerms));
  ASSIGN_OR_RETURN(const uint32_t ns, section.TakeOne<uint32_t>());
  if (ns == 0 || ns > UINT8_MAX) {
    return CorruptSection(file, SectionId::kCountedTerms, absl::StrFormat("namespace %d", ns));
  }
  counted.namespace_ = static_cast<TermNamespace>(ns);
  ASSIGN_OR_RETURN(const uint32_t num_terms, section.TakeOne<uint32_t>());
  ASSIGN_OR_RETURN(counted.keys_, section.Take<TermKey>(num_terms));
  ASSIGN_OR_RETURN(counted.group_ends_, section.Take<uint64_t>(GroupsOf(num_passages)));
  ASSIGN_OR_RETURN(counted.frequencies_, section.Take<uint32_t>(num_terms));
  ASSIGN_OR_RETURN(counted.lists_, section.Take<uint8_t>(section.remaining()));
  return counted;
}

absl::Status CountedTerms::TakeList(std::span<const uint8_t>& bytes,
                                    std::vector<uint32_t>* terms) const {
  const std::optional<uint32_t> count = TakeLeb128(bytes);
  if (!count || *count > keys_.size()) return lists_.Corrupt("a list is longer than the keys");
  uint64_t least = 0;
  for (uint32_t i = 0; i < *count; ++i) {
    const std::optional<uint32_t> distance = TakeLeb128(bytes);
    if (!distance || least + *distance >= keys_.size()) {
      return lists_.Corrupt("a term of a list is none of the keys");
    }
    if (terms != nullptr) terms->push_back(static_cast<uint32_t>(least + *distance));
    least += *distance + 1;
  }
  return absl::OkStatus();
}

absl::Status CountedTerms::Load(PassageId passage, std::vector<uint32_t>& terms) const {
  terms.clear();
  if (passage >= num_passages_) {
    return absl::OutOfRangeError(
        absl::StrFormat("%s: passage %d of %d", file_->path(), passage, num_passages_));
  }
  ASSIGN_OR_RETURN(const auto bounds,
                   group_ends_.BoundsOf(passage / kGroupPassages, lists_.size()));
  ASSIGN_OR_RETURN(std::span<const uint8_t> rest,
                   lists_.Range(bounds.begin, bounds.end - bounds.begin));
  for (uint32_t skipped = passage % kGroupPassages; skipped > 0; --skipped) {
    RETURN_IF_ERROR(TakeList(rest, nullptr));
  }
  return TakeList(rest, &terms);
}

absl::Status CountedTerms::Verify() const {
  ASSIGN_OR_RETURN(const std::span<const TermKey> keys, keys_.All());
  if (std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) != keys.end() ||
      std::any_of(keys.begin(), keys.end(),
                  [this](TermKey key) { return NamespaceOf(key) != namespace_; })) {
    return keys_.Corrupt("keys do not ascend in their namespace");
  }
  std::vector<uint32_t> counts(keys.size());
  std::vector<uint32_t> terms;
  for (uint64_t group = 0; group < group_ends_.size(); ++group) {
    ASSIGN_OR_RETURN(const auto bounds, group_ends_.BoundsOf(group, lists_.size()));
    ASSIGN_OR_RETURN(std::span<const uint8_t> rest,
                     lists_.Range(bounds.begin, bounds.end - bounds.begin));
    const uint64_t first = group * kGroupPassages;
    terms.clear();
    for (uint64_t p = first; p < std::min<uint64_t>(first + kGroupPassages, num_passages_); ++p) {
      RETURN_IF_ERROR(TakeList(rest, &terms));
    }
    if (!rest.empty()) return lists_.Corrupt("bytes behind the lists of a group");
    for (const uint32_t term : terms) ++counts[term];
  }
  ASSIGN_OR_RETURN(const std::span<const uint32_t> frequencies, frequencies_.All());
  if (!std::equal(counts.begin(), counts.end(), frequencies.begin(), frequencies.end())) {
    return frequencies_.Corrupt("frequencies do not count the lists");
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
