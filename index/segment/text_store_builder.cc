#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/text_store.h"

namespace foraker::index {
namespace {

// Of levels 3 to 15 the one beyond which blocks get no smaller to speak of: 5 us a document.
constexpr int kFileLevel = 6;
// A commit waits for it, and a flush compresses the text again.
constexpr int kMemoryLevel = 1;
constexpr size_t kCopyBytes = 1 << 20;

void AppendU32(std::string& out, size_t value) {
  const auto number = static_cast<uint32_t>(value);
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  out.append(bytes, sizeof(bytes));
}

}  // namespace

class TextStoreBuilder::Compressor {
 public:
  explicit Compressor(int level) : level_(level) {}
  ~Compressor() { ZSTD_freeCCtx(context_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Valid until the next call.
  absl::StatusOr<std::string_view> Compress(std::string_view block) {
    out_.resize(ZSTD_compressBound(block.size()));
    const size_t length =
        ZSTD_compressCCtx(context_, out_.data(), out_.size(), block.data(), block.size(), level_);
    if (ZSTD_isError(length)) {
      return absl::InternalError(
          absl::StrFormat("cannot compress a block of texts: %s", ZSTD_getErrorName(length)));
    }
    return std::string_view(out_).substr(0, length);
  }

  size_t memory_bytes() const { return out_.capacity() + ZSTD_sizeof_CCtx(context_); }

 private:
  const int level_;
  ZSTD_CCtx* context_ = ZSTD_createCCtx();
  std::string out_;
};

absl::StatusOr<std::unique_ptr<TextStoreBuilder>> TextStoreBuilder::Create(
    const std::string& directory) {
  ASSIGN_OR_RETURN(std::unique_ptr<base::SpoolFile> spool, base::SpoolFile::Create(directory));
  return std::unique_ptr<TextStoreBuilder>(
      new TextStoreBuilder(std::move(spool), std::make_unique<Compressor>(kFileLevel)));
}

// Making a context costs many times what compressing a document does, and a segment in memory may
// hold a single one. Files do not share it: what a context did before must not change their bytes.
std::unique_ptr<TextStoreBuilder> TextStoreBuilder::CreateInMemory() {
  return std::unique_ptr<TextStoreBuilder>(new TextStoreBuilder(nullptr, nullptr));
}

TextStoreBuilder::TextStoreBuilder(std::unique_ptr<base::SpoolFile> spool,
                                   std::unique_ptr<Compressor> compressor)
    : spool_(std::move(spool)), compressor_(std::move(compressor)) {}

TextStoreBuilder::~TextStoreBuilder() = default;

absl::Status TextStoreBuilder::Check(const Document& document) const {
  const size_t bytes = document.title.size() + document.text.size();
  if (bytes <= kMaxTextBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("document '%s': title and text have %d bytes, more than %d", document.id,
                      bytes, kMaxTextBytes));
}

absl::Status TextStoreBuilder::Add(const Document& document) {
  places_.push_back(
      {static_cast<uint32_t>(block_ends_.size()), static_cast<uint32_t>(open_block_.size())});
  AppendU32(open_block_, document.title.size());
  AppendU32(open_block_, document.text.size());
  open_block_ += document.title;
  open_block_ += document.text;
  has_text_ |= !document.title.empty() || !document.text.empty();
  return open_block_.size() < kTextBlockBytes ? absl::OkStatus() : CloseBlock();
}

absl::Status TextStoreBuilder::CloseBlock() {
  static thread_local Compressor of_thread(kMemoryLevel);
  Compressor& compressor = compressor_ != nullptr ? *compressor_ : of_thread;
  ASSIGN_OR_RETURN(const std::string_view compressed, compressor.Compress(open_block_));
  if (spool_ != nullptr) {
    RETURN_IF_ERROR(spool_->Append(std::as_bytes(std::span(compressed))));
  } else {
    in_memory_ += compressed;
  }
  block_ends_.push_back((block_ends_.empty() ? 0 : block_ends_.back()) + compressed.size());
  block_bytes_.push_back(static_cast<uint32_t>(open_block_.size()));
  open_block_.clear();
  if (open_block_.capacity() > 8 * kTextBlockBytes) open_block_.shrink_to_fit();
  return absl::OkStatus();
}

size_t TextStoreBuilder::memory_bytes() const {
  return open_block_.capacity() + 2 * in_memory_.capacity() +
         (compressor_ != nullptr ? compressor_->memory_bytes() : 0) +
         block_ends_.capacity() * sizeof(uint64_t) + block_bytes_.capacity() * sizeof(uint32_t) +
         places_.capacity() * sizeof(Place) + places_.size() * sizeof(uint32_t) +
         (spool_ != nullptr ? kCopyBytes : 0);
}

absl::Status TextStoreBuilder::Write(std::span<const uint32_t> order, SectionFileWriter& out) {
  if (!has_text_) return absl::OkStatus();
  if (!open_block_.empty()) RETURN_IF_ERROR(CloseBlock());
  RETURN_IF_ERROR(WriteIndex(order, out));
  RETURN_IF_ERROR(out.Begin(SectionId::kText));
  return spool_ != nullptr ? CopySpool(out) : out.AppendArray(std::span<const char>(in_memory_));
}

absl::Status TextStoreBuilder::CopySpool(SectionFileWriter& out) const {
  std::vector<std::byte> piece(kCopyBytes);
  for (uint64_t offset = 0; offset < spool_->size(); offset += piece.size()) {
    piece.resize(std::min<uint64_t>(kCopyBytes, spool_->size() - offset));
    RETURN_IF_ERROR(spool_->Read(offset, piece));
    RETURN_IF_ERROR(out.Append(piece));
  }
  return absl::OkStatus();
}

absl::Status TextStoreBuilder::WriteIndex(std::span<const uint32_t> order,
                                          SectionFileWriter& out) const {
  const uint32_t head[2] = {static_cast<uint32_t>(block_ends_.size()), 0};
  RETURN_IF_ERROR(out.AddArray(SectionId::kTextIndex, std::span<const uint32_t>(head)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint64_t>(block_ends_)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(block_bytes_)));
  std::vector<uint32_t> column(order.size());
  std::transform(order.begin(), order.end(), column.begin(),
                 [&](uint32_t arrival) { return places_[arrival].block; });
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(column)));
  std::transform(order.begin(), order.end(), column.begin(),
                 [&](uint32_t arrival) { return places_[arrival].offset; });
  return out.AppendArray(std::span<const uint32_t>(column));
}

}  // namespace foraker::index
