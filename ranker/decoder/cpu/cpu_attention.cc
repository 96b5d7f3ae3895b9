// The three phases of attention: which keys a block's queries see.
#include <algorithm>

#include "ranker/decoder/cpu/cpu_pass.h"
#include "ranker/decoder/cpu/guarded.h"

namespace foraker::ranker {
namespace {

constexpr uint32_t kPieceRows = 64;  // as many queries as the kernels take side by side

}  // namespace

void CpuPass::AddPieces(std::vector<Piece>& pieces, const Piece& block) {
  for (uint32_t begin = 0; begin < block.block.size(); begin += kPieceRows) {
    Piece piece = block;
    piece.begin = begin;
    piece.rows = std::min(kPieceRows, block.block.size() - begin);
    pieces.push_back(piece);
  }
}

void CpuPass::ListPieces() {
  instructions_.clear();
  documents_.clear();
  queries_.clear();
  for (const PassList& list : pass_->lists) {
    AddPieces(instructions_, {&list, list.instruction, 0, 0, false, false});
    for (const RowRange& document : list.documents) {
      AddPieces(documents_, {&list, document, 0, 0, true, false});
    }
    AddPieces(queries_, {&list, list.query, 0, 0, true, true});
  }
}

void CpuPass::AttendHeads(const Piece& piece, size_t key_head, Scratch& scratch) {
  const size_t width = config_.head_width;
  const size_t group = config_.heads / config_.kv_heads;
  const size_t keys = config_.query_width() + key_head * width;
  const size_t values = keys + config_.key_width();
  const auto rows_of = [&](const RowRange& block) -> model::KeyRows {
    const float* const first = AttentionRow(block.begin);
    return {first + keys, first + values, attention_stride_, block.size()};
  };
  scratch.before.clear();
  if (piece.sees_instruction) scratch.before.push_back(rows_of(piece.list->instruction));
  if (piece.sees_documents) {
    for (const RowRange& document : piece.list->documents) {
      scratch.before.push_back(rows_of(document));
    }
  }
  float* const queries = AttentionRow(piece.block.begin + piece.begin) + key_head * group * width;
  // What was quantised to a row's 256 steps loses little more by bfloat16.
  const bool int8 = weights_.format == model::WeightFormat::kInt8;
  const auto attend = int8 ? kernels_.attend_masked_bf16 : kernels_.attend_masked;
  attend({.queries = queries,
          .stride = attention_stride_,
          .rows = piece.rows,
          .heads = group,
          .width = width,
          .before = scratch.before,
          .own = rows_of(piece.block),
          .own_seen = piece.begin},
         scratch.attention, queries, attention_stride_);
}

void CpuPass::Attend(const std::vector<Piece>& pieces) {
  const size_t key_heads = config_.kv_heads;
  workers_.Run(pieces.size() * key_heads, [&](size_t worker, size_t item) {
    AttendHeads(pieces[item / key_heads], item % key_heads, scratch_[worker]);
  });
}

absl::Status CpuPass::AttendInstructions(uint32_t) {
  return Guarded([&] { Attend(instructions_); });
}

absl::Status CpuPass::AttendDocuments(uint32_t) {
  return Guarded([&] { Attend(documents_); });
}

absl::Status CpuPass::AttendQueries(uint32_t) {
  return Guarded([&] { Attend(queries_); });
}

}  // namespace foraker::ranker
