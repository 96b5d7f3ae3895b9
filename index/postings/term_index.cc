#include "index/postings/term_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::index {
namespace {

class MappedTermIndex final : public TermIndex {
 public:
  MappedTermIndex(std::shared_ptr<const SectionFile> file, std::span<const TermKey> keys,
                  PostingLists postings, ForwardIndex forward)
      : file_(std::move(file)),
        keys_(keys),
        postings_(std::move(postings)),
        forward_(std::move(forward)) {}

  uint32_t num_terms() const override { return static_cast<uint32_t>(keys_.size()); }
  uint32_t num_passages() const override { return forward_.num_passages(); }
  std::span<const TermKey> keys() const override { return keys_; }

  absl::StatusOr<std::optional<TermOrdinal>> Find(TermKey key) const override {
    RETURN_IF_ERROR(file_->Touch(SectionId::kTermKeys, 0, keys_.size_bytes()));
    const auto found = std::lower_bound(keys_.begin(), keys_.end(), key);
    if (found == keys_.end() || *found != key) return std::nullopt;
    return static_cast<TermOrdinal>(found - keys_.begin());
  }

  absl::StatusOr<uint32_t> DocumentFrequency(TermOrdinal term) const override {
    return postings_.DocumentFrequency(term);
  }

  absl::Status Forward(uint32_t passage, SparseVector& out) const override {
    RETURN_IF_ERROR(file_->Touch(SectionId::kTermKeys, 0, keys_.size_bytes()));
    std::vector<uint32_t> ordinals;
    RETURN_IF_ERROR(forward_.Load(passage, ordinals, out.weights, out.positions));
    out.keys.resize(ordinals.size());
    std::transform(ordinals.begin(), ordinals.end(), out.keys.begin(),
                   [this](uint32_t ordinal) { return keys_[ordinal]; });
    return absl::OkStatus();
  }

  absl::StatusOr<float> Score(uint32_t passage, const QueryVector& query) const override {
    std::vector<ResolvedTerm> resolved;
    resolved.reserve(query.size());
    for (const QueryTerm& term : query) {
      ASSIGN_OR_RETURN(const std::optional<TermOrdinal> ordinal, Find(term.key));
      if (ordinal.has_value()) resolved.push_back({*ordinal, term.weight});
    }
    return forward_.Score(passage, resolved);
  }

  const PostingLists& postings() const override { return postings_; }
  const ForwardIndex& forward() const override { return forward_; }

 private:
  std::shared_ptr<const SectionFile> file_;
  std::span<const TermKey> keys_;
  PostingLists postings_;
  ForwardIndex forward_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const TermIndex>> TermIndex::Open(
    std::shared_ptr<const SectionFile> file) {
  ASSIGN_OR_RETURN(const std::span<const TermKey> keys,
                   file->GetArray<TermKey>(SectionId::kTermKeys));
  if (keys.size() > UINT32_MAX) {
    return absl::DataLossError(absl::StrFormat("%s: section %s: %d terms are more than 2^32 - 1",
                                               file->path(), SectionName(SectionId::kTermKeys),
                                               keys.size()));
  }
  ASSIGN_OR_RETURN(ForwardIndex forward,
                   ForwardIndex::Open(file, static_cast<uint32_t>(keys.size())));
  ASSIGN_OR_RETURN(PostingLists postings, PostingLists::Open(*file, forward.num_passages()));
  if (postings.num_terms() != keys.size()) {
    return absl::DataLossError(absl::StrFormat("%s: %d term keys but %d records in section %s",
                                               file->path(), keys.size(), postings.num_terms(),
                                               SectionName(SectionId::kTermInfo)));
  }
  return std::make_unique<MappedTermIndex>(std::move(file), keys, std::move(postings),
                                           std::move(forward));
}

}  // namespace foraker::index
