#include "index/postings/forward_index.h"

#include <bit>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::index {
namespace {

// Sizes of a record of n > 0 entries over a universe of `universe` ordinals.
struct RecordShape {
  uint32_t low_bits;
  uint64_t upper_words;
  uint64_t low_bytes;  // padded

  RecordShape(uint64_t n, uint64_t universe) {
    low_bits = universe / n == 0 ? 0 : static_cast<uint32_t>(std::bit_width(universe / n) - 1);
    upper_words = (n + (universe >> low_bits) + 1 + 63) / 64;
    low_bytes = ((n * low_bits + 7) / 8 + 1) & ~uint64_t{1};
  }
  uint64_t BodyBytes(uint64_t n) const {
    return (upper_words * 8 + low_bytes + n * sizeof(base::Float16Bits) + 3) & ~uint64_t{3};
  }
};

size_t HeaderBytes(bool with_positions) {
  return sizeof(uint32_t) + (with_positions ? sizeof(uint64_t) : 0);
}

template <typename T>
T LoadAs(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
void StoreAs(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

absl::Status BadRecord(const SectionFile& file, uint32_t passage, std::string_view what) {
  return absl::DataLossError(absl::StrFormat("%s: section %s: vector of passage %d: %s",
                                             file.path(), SectionName(SectionId::kForward), passage,
                                             what));
}

}  // namespace

void ForwardEncoder::Append(std::span<const uint32_t> ordinals,
                            std::span<const base::Float16Bits> weights,
                            std::vector<std::byte>& out) {
  const size_t n = ordinals.size();
  size_t at = out.size();
  if (n == 0) {
    out.resize(at + HeaderBytes(with_positions_));
    return;
  }
  const RecordShape shape(n, num_terms_);
  out.resize(at + HeaderBytes(with_positions_) + shape.BodyBytes(n));
  StoreAs(out.data() + at, static_cast<uint32_t>(n));
  if (with_positions_) StoreAs(out.data() + at + sizeof(uint32_t), num_entries_);
  num_entries_ += n;

  std::byte* upper = out.data() + at + HeaderBytes(with_positions_);
  std::byte* low = upper + shape.upper_words * 8;
  for (size_t i = 0; i < n; ++i) {
    const uint64_t bit = (ordinals[i] >> shape.low_bits) + i;
    upper[bit / 8] |= static_cast<std::byte>(1u << (bit % 8));
    for (uint32_t b = 0; b < shape.low_bits; ++b) {
      const uint64_t to = i * shape.low_bits + b;
      if ((ordinals[i] >> b) & 1u) low[to / 8] |= static_cast<std::byte>(1u << (to % 8));
    }
  }
  std::memcpy(low + shape.low_bytes, weights.data(), n * sizeof(base::Float16Bits));
}

// A record's parts, checked to lie inside the section.
struct ForwardIndex::Record {
  uint32_t n = 0;
  uint64_t first_position = 0;
  uint32_t low_bits = 0;
  uint64_t upper_words = 0;
  const std::byte* upper = nullptr;
  const std::byte* low = nullptr;
  const std::byte* weights = nullptr;

  base::Float16Bits Weight(uint32_t i) const {
    return LoadAs<base::Float16Bits>(weights + i * sizeof(base::Float16Bits));
  }

  // Calls visit(i, ordinal) for every entry in order until it returns false; false when the unary
  // part holds fewer ones than entries. The 64-bit load at the low bits may read up to 7 bytes past
  // them: weights and the section's tail are there.
  template <typename Visitor>
  bool ForEach(Visitor visit) const {
    const uint64_t low_mask = (uint64_t{1} << low_bits) - 1;
    uint64_t low_at = 0;
    uint32_t i = 0;
    for (uint64_t w = 0; w < upper_words; ++w) {
      for (auto bits = LoadAs<uint64_t>(upper + w * 8); bits != 0; bits &= bits - 1) {
        if (i == n) return true;
        const uint64_t high = w * 64 + static_cast<uint64_t>(std::countr_zero(bits)) - i;
        const uint64_t low_part = (LoadAs<uint64_t>(low + low_at / 8) >> (low_at % 8)) & low_mask;
        if (!visit(i, (high << low_bits) | low_part)) return true;
        low_at += low_bits;
        ++i;
      }
    }
    return i == n;
  }
};

absl::StatusOr<ForwardIndex> ForwardIndex::Open(std::shared_ptr<const SectionFile> file,
                                                uint32_t num_terms) {
  ForwardIndex index;
  ASSIGN_OR_RETURN(index.offsets_, file->GetArray<uint64_t>(SectionId::kForwardOffsets));
  ASSIGN_OR_RETURN(index.records_, file->Get(SectionId::kForward));
  if (index.offsets_.empty() || index.records_.size() < kForwardTailBytes ||
      index.offsets_.size() - 1 > UINT32_MAX) {
    return absl::DataLossError(absl::StrFormat(
        "%s: section %s: expected one offset more than there are passages, and a padded section %s",
        file->path(), SectionName(SectionId::kForwardOffsets), SectionName(SectionId::kForward)));
  }
  index.has_positions_ = file->Has(SectionId::kPositions);
  if (index.has_positions_) {
    ASSIGN_OR_RETURN(index.positions_, file->GetArray<Position>(SectionId::kPositions));
  }
  index.num_terms_ = num_terms;
  index.file_ = std::move(file);
  return index;
}

absl::StatusOr<ForwardIndex::Record> ForwardIndex::Find(uint32_t passage) const {
  if (passage >= num_passages()) {
    return absl::OutOfRangeError(absl::StrFormat("%s: passage %d: the segment has %d",
                                                 file_->path(), passage, num_passages()));
  }
  RETURN_IF_ERROR(
      file_->Touch(SectionId::kForwardOffsets, passage * sizeof(uint64_t), 2 * sizeof(uint64_t)));
  const uint64_t begin = offsets_[passage];
  const uint64_t end = offsets_[passage + 1];
  const size_t header = HeaderBytes(has_positions_);
  if (end < begin || end > records_.size() - kForwardTailBytes || end - begin < header) {
    return BadRecord(*file_, passage, "its range lies outside the section");
  }
  // The tail is touched with the last record, whose loads may reach into it.
  RETURN_IF_ERROR(file_->Touch(SectionId::kForward, begin, end - begin + kForwardTailBytes));

  Record record;
  const std::byte* at = records_.data() + begin;
  record.n = LoadAs<uint32_t>(at);
  if (has_positions_) record.first_position = LoadAs<uint64_t>(at + sizeof(uint32_t));
  if (record.n == 0) {
    if (end - begin != header) return BadRecord(*file_, passage, "an empty vector with a body");
    return record;
  }
  if (record.n > num_terms_) return BadRecord(*file_, passage, "more entries than terms");
  const RecordShape shape(record.n, num_terms_);
  if (end - begin != header + shape.BodyBytes(record.n)) {
    return BadRecord(*file_, passage, "its length does not fit its number of entries");
  }
  record.low_bits = shape.low_bits;
  record.upper_words = shape.upper_words;
  record.upper = at + header;
  record.low = record.upper + shape.upper_words * 8;
  record.weights = record.low + shape.low_bytes;
  return record;
}

absl::Status ForwardIndex::Load(uint32_t passage, std::vector<uint32_t>& ordinals,
                                std::vector<base::Float16Bits>& weights,
                                std::vector<Position>& positions) const {
  ordinals.clear();
  weights.clear();
  positions.clear();
  ASSIGN_OR_RETURN(const Record record, Find(passage));
  ordinals.reserve(record.n);
  weights.resize(record.n);
  bool ascending = true;
  const bool complete = record.n == 0 || record.ForEach([&](uint32_t, uint64_t ordinal) {
    ascending = ordinal < num_terms_ && (ordinals.empty() || ordinal > ordinals.back());
    if (ascending) ordinals.push_back(static_cast<uint32_t>(ordinal));
    return ascending;
  });
  if (!complete || !ascending) return BadRecord(*file_, passage, "ordinals do not ascend");
  if (record.n != 0) {
    std::memcpy(weights.data(), record.weights, record.n * sizeof(base::Float16Bits));
  }
  if (!has_positions_) return absl::OkStatus();
  if (record.first_position > positions_.size() ||
      record.n > positions_.size() - record.first_position) {
    return BadRecord(*file_, passage, "its positions lie outside their section");
  }
  RETURN_IF_ERROR(file_->Touch(SectionId::kPositions, record.first_position * sizeof(Position),
                               record.n * sizeof(Position)));
  const std::span<const Position> own = positions_.subspan(record.first_position, record.n);
  positions.assign(own.begin(), own.end());
  return absl::OkStatus();
}

absl::StatusOr<float> ForwardIndex::Score(uint32_t passage,
                                          std::span<const ResolvedTerm> query) const {
  ASSIGN_OR_RETURN(const Record record, Find(passage));
  ScoreAccumulator sum;
  if (record.n == 0 || query.empty()) return sum.score();
  size_t next = 0;
  const bool complete = record.ForEach([&](uint32_t i, uint64_t ordinal) {
    while (query[next].ordinal < ordinal) {
      if (++next == query.size()) return false;
    }
    if (query[next].ordinal == ordinal) sum.Add(query[next].weight, record.Weight(i));
    return true;
  });
  if (!complete) return BadRecord(*file_, passage, "ordinals are missing");
  return sum.score();
}

}  // namespace foraker::index
