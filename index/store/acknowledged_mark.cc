#include "index/store/acknowledged_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "absl/strings/str_format.h"
#include "base/crc32c.h"
#include "base/status.h"
#include "index/store/byte_codec.h"

namespace foraker::index {
namespace {

constexpr uint32_t kVersion = 1;
constexpr size_t kSlots = 2;
constexpr size_t kSlotBytes = 512;
constexpr size_t kUsedBytes = 4 + 5 * 8 + 4 + 4;

// `turn` and the mark, padded to a slot.
std::string EncodeSlot(uint64_t turn, const Acknowledged& mark) {
  ByteWriter out;
  out.Fixed(kVersion);
  for (const uint64_t value : {turn, mark.wal, mark.sequence, mark.manifest, mark.manifest_bytes}) {
    out.Fixed(value);
  }
  out.Fixed(mark.manifest_crc);
  std::string slot = out.TakeWithChecksum();
  slot.resize(kSlotBytes);
  return slot;
}

struct Slot {
  uint64_t turn = 0;
  Acknowledged mark;
};

std::optional<Slot> DecodeSlot(std::string_view bytes) {
  const absl::StatusOr<std::string_view> body = CheckedBody(bytes.substr(0, kUsedBytes));
  if (!body.ok()) return std::nullopt;
  ByteReader in(*body);
  if (in.Fixed<uint32_t>() != kVersion) return std::nullopt;
  Slot slot;
  for (uint64_t* value : {&slot.turn, &slot.mark.wal, &slot.mark.sequence, &slot.mark.manifest,
                          &slot.mark.manifest_bytes}) {
    *value = in.Fixed<uint64_t>();
  }
  slot.mark.manifest_crc = in.Fixed<uint32_t>();
  return slot;
}

}  // namespace

std::string AcknowledgedPath(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/ACKNOWLEDGED");
}

absl::StatusOr<std::optional<Acknowledged>> ReadAcknowledged(const std::string& data_dir) {
  const std::string path = AcknowledgedPath(data_dir);
  if (!base::FileExists(path)) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string bytes, base::ReadFile(path));
  std::optional<Slot> newest;
  for (size_t begin = 0; begin + kUsedBytes <= bytes.size(); begin += kSlotBytes) {
    const std::optional<Slot> slot = DecodeSlot(std::string_view(bytes).substr(begin));
    if (slot && (!newest || slot->turn > newest->turn)) newest = slot;
  }
  if (newest) return newest->mark;
  return absl::DataLossError(absl::StrCat(
      path, " is damaged, so it cannot be told whether ", data_dir,
      "/catalog holds all that was acknowledged; without the file it is opened unchecked"));
}

std::string ManifestPath(const std::string& catalog, uint64_t number) {
  return absl::StrFormat("%s/MANIFEST-%06d", catalog, number);
}

absl::StatusOr<uint32_t> ChecksumOfBytes(const std::string& path, uint64_t from, uint64_t to,
                                         uint32_t previous) {
  ASSIGN_OR_RETURN(const base::FileDescriptor file, base::FileDescriptor::Open(path, O_RDONLY));
  std::array<std::byte, 64 << 10> piece;
  while (from < to) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(piece.size(), to - from));
    const ssize_t length = pread(file.get(), piece.data(), wanted, static_cast<off_t>(from));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return base::SystemError("cannot read", path);
    if (length == 0) {
      return absl::DataLossError(
          absl::StrCat(path, " ends after ", from, " of ", to, " acknowledged bytes"));
    }
    previous = base::Crc32c(std::span(piece).first(static_cast<size_t>(length)), previous);
    from += static_cast<uint64_t>(length);
  }
  return previous;
}

absl::StatusOr<std::unique_ptr<AcknowledgedMark>> AcknowledgedMark::Create(
    const std::string& data_dir) {
  const std::string path = AcknowledgedPath(data_dir);
  RETURN_IF_ERROR(base::WriteFile(path, EncodeSlot(0, {}) + EncodeSlot(1, {})));
  ASSIGN_OR_RETURN(base::FileDescriptor file, base::FileDescriptor::Open(path, O_WRONLY));
  return std::unique_ptr<AcknowledgedMark>(new AcknowledgedMark(std::move(file)));
}

void AcknowledgedMark::Opened() {
  const base::MutexLock lock(&mutex_);
  mark_.wal = mark_.sequence = 0;
  Write();
}

void AcknowledgedMark::Committed(uint64_t wal, uint64_t sequence) {
  const base::MutexLock lock(&mutex_);
  if (sequence <= mark_.sequence) return;  // one that was committed beside it ends later
  mark_.wal = wal;
  mark_.sequence = sequence;
  Write();
}

void AcknowledgedMark::ManifestSynced(const std::string& catalog, uint64_t number, uint64_t bytes) {
  const base::MutexLock lock(&mutex_);
  const bool same = number == mark_.manifest;
  if (same && bytes <= mark_.manifest_bytes) return;
  const absl::StatusOr<uint32_t> crc =
      ChecksumOfBytes(ManifestPath(catalog, number), same ? mark_.manifest_bytes : 0, bytes,
                      same ? mark_.manifest_crc : 0);
  if (!crc.ok()) return;
  mark_.manifest = number;
  mark_.manifest_bytes = bytes;
  mark_.manifest_crc = *crc;
  Write();
}

void AcknowledgedMark::Write() {
  ++turn_;
  const std::string slot = EncodeSlot(turn_, mark_);
  // What is not written, or not whole, does not count.
  [[maybe_unused]] const ssize_t written = pwrite(file_.get(), slot.data(), slot.size(),
                                                  static_cast<off_t>(turn_ % kSlots * kSlotBytes));
}

}  // namespace foraker::index
