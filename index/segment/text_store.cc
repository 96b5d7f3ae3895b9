#include "index/segment/text_store.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::index {
namespace {

constexpr size_t kRecordHeadBytes = 2 * sizeof(uint32_t);
// A block is closed by the document that fills it, in files of earlier builds at 32 KiB.
constexpr size_t kMaxBlockBytes = (32 << 10) + kRecordHeadBytes + kMaxTextBytes;
static_assert(kTextBlockBytes <= 32 << 10);

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Making a context costs more than decompressing a block.
ZSTD_DCtx* ThreadContext() {
  static thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

absl::StatusOr<TextStore> TextStore::Open(const SectionFile& file, uint32_t num_documents) {
  TextStore store;
  store.file_ = &file;
  store.num_documents_ = num_documents;
  if (!file.Has(SectionId::kTextIndex) && !file.Has(SectionId::kText)) return store;
  store.empty_ = false;
  ASSIGN_OR_RETURN(SectionCursor index, SectionCursor::Open(file, SectionId::kTextIndex));
  ASSIGN_OR_RETURN(const uint32_t num_blocks, index.TakeOne<uint32_t>());
  RETURN_IF_ERROR(index.Take<uint32_t>(1).status());
  ASSIGN_OR_RETURN(store.block_ends_, index.Take<uint64_t>(num_blocks));
  ASSIGN_OR_RETURN(store.block_bytes_, index.Take<uint32_t>(num_blocks));
  ASSIGN_OR_RETURN(store.document_block_, index.Take<uint32_t>(num_documents));
  ASSIGN_OR_RETURN(store.document_offset_, index.Take<uint32_t>(num_documents));
  RETURN_IF_ERROR(index.Finish());
  ASSIGN_OR_RETURN(SectionCursor blocks, SectionCursor::Open(file, SectionId::kText));
  ASSIGN_OR_RETURN(store.blocks_, blocks.Take<char>(blocks.remaining()));
  return store;
}

absl::StatusOr<std::string> TextStore::Decompress(uint32_t block) const {
  ASSIGN_OR_RETURN(const auto bounds, block_ends_.BoundsOf(block, blocks_.size()));
  ASSIGN_OR_RETURN(const uint32_t length, block_bytes_.At(block));
  ASSIGN_OR_RETURN(const auto frame, blocks_.Range(bounds.begin, bounds.end - bounds.begin));
  if (length > kMaxBlockBytes || ZSTD_getFrameContentSize(frame.data(), frame.size()) != length) {
    return blocks_.Corrupt(absl::StrFormat("block %d: not a frame of %d bytes", block, length));
  }
  std::string out(length, '\0');
  const size_t got =
      ZSTD_decompressDCtx(ThreadContext(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got)) {
    return blocks_.Corrupt(absl::StrFormat("block %d: %s", block, ZSTD_getErrorName(got)));
  }
  if (got != length) return blocks_.Corrupt(absl::StrFormat("block %d: too short", block));
  return out;
}

absl::StatusOr<TextStore::Record> TextStore::Parse(std::string_view block, uint32_t offset) const {
  uint32_t lengths[2];
  if (offset > block.size() || block.size() - offset < kRecordHeadBytes) {
    return document_offset_.Corrupt("a document begins outside its block");
  }
  std::memcpy(lengths, block.data() + offset, kRecordHeadBytes);
  const std::string_view rest = block.substr(offset + kRecordHeadBytes);
  if (lengths[0] > rest.size() || lengths[1] > rest.size() - lengths[0]) {
    return document_offset_.Corrupt("a document leaves its block");
  }
  return Record{rest.substr(0, lengths[0]), rest.substr(lengths[0], lengths[1])};
}

absl::StatusOr<TitleAndText> TextStore::Load(DocId document) const {
  return TextReader(*this).Load(document);
}

absl::StatusOr<std::vector<DocId>> TextStore::Order() const {
  std::vector<DocId> order(num_documents_);
  std::iota(order.begin(), order.end(), 0u);
  if (empty_) return order;
  ASSIGN_OR_RETURN(const std::span<const uint32_t> blocks, document_block_.All());
  ASSIGN_OR_RETURN(const std::span<const uint32_t> offsets, document_offset_.All());
  std::sort(order.begin(), order.end(), [&](DocId a, DocId b) {
    return std::tuple(blocks[a], offsets[a], a) < std::tuple(blocks[b], offsets[b], b);
  });
  return order;
}

absl::Status TextStore::Verify(const std::function<absl::Status(DocId, uint64_t)>& visit) const {
  ASSIGN_OR_RETURN(const std::vector<DocId> order, Order());
  TextReader reader(*this);
  for (const DocId document : order) {
    ASSIGN_OR_RETURN(const TitleAndText text, reader.Load(document));
    RETURN_IF_ERROR(visit(document, text.text.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<TitleAndText> TextReader::Load(DocId document) {
  if (store_->empty_) return TitleAndText{};
  ASSIGN_OR_RETURN(const uint32_t block, store_->document_block_.At(document));
  ASSIGN_OR_RETURN(const uint32_t offset, store_->document_offset_.At(document));
  if (block_ != block) {
    block_.reset();
    ASSIGN_OR_RETURN(bytes_, store_->Decompress(block));
    block_ = block;
  }
  ASSIGN_OR_RETURN(const TextStore::Record record, store_->Parse(bytes_, offset));
  return TitleAndText{std::string(record.title), std::string(record.text)};
}

}  // namespace foraker::index
