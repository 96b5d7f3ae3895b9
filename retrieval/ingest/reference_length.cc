#include "retrieval/ingest/reference_length.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"
#include "retrieval/document_text.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/ingest/encode_pipeline.h"

namespace foraker::retrieval {
namespace {

// The lines to measure, in batches that must outlive them.
std::vector<Line> FirstLines(const std::deque<LineBatch>& batches) {
  std::vector<Line> lines;
  uint64_t bytes = 0;
  for (const LineBatch& batch : batches) {
    for (const Line& line : batch.lines) {
      if (lines.size() == kMeasuredLines || bytes > kMeasuredBytes) return lines;
      lines.push_back(line);
      bytes += line.text.size();
    }
  }
  return lines;
}

absl::StatusOr<std::deque<LineBatch>> ReadAhead(LineReader& reader, size_t batch_bytes) {
  std::deque<LineBatch> batches;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  while (lines < kMeasuredLines && bytes <= kMeasuredBytes) {
    ASSIGN_OR_RETURN(std::optional<LineBatch> batch, reader.Next(batch_bytes));
    if (!batch) break;
    lines += batch->lines.size();
    for (const Line& line : batch->lines) bytes += line.text.size();
    batches.push_back(*std::move(batch));
  }
  return batches;
}

// Takes lines until there are none left. What is refused as a document is not measured.
LengthMeter MeasureSome(const std::vector<Line>& lines, std::atomic<size_t>& next,
                        DocumentText& text) {
  constexpr size_t kStep = 64;
  DocumentParser parser(InputKind::kText, /*drop_small_weights=*/false);
  LengthMeter lengths;
  while (true) {
    const size_t begin = next.fetch_add(kStep);
    if (begin >= lines.size()) return lengths;
    const size_t end = std::min(begin + kStep, lines.size());
    for (size_t i = begin; i < end; ++i) {
      if (lines[i].too_long) continue;
      const absl::StatusOr<index::Document> document = parser.Parse(lines[i].text, nullptr);
      if (!document.ok()) continue;
      lengths.Add(text, document->title, document->text);
    }
  }
}

}  // namespace

void LengthMeter::Add(DocumentText& text, std::string_view title, std::string_view body) {
  text.Read(title, body);
  stems_ += text.indexed_words();
  passages_ += text.passages().size();
}

void LengthMeter::Add(const LengthMeter& other) {
  stems_ += other.stems_;
  passages_ += other.passages_;
}

float LengthMeter::Mean() const {
  if (passages_ == 0) return 1.0f;
  return std::max(1.0f,
                  static_cast<float>(static_cast<double>(stems_) / static_cast<double>(passages_)));
}

absl::StatusOr<float> MeasureReferenceLength(LineReader& reader, const DocumentSide& settings,
                                             uint32_t threads) {
  ASSIGN_OR_RETURN(std::deque<LineBatch> batches, ReadAhead(reader, LineBatchBytes(settings)));
  const std::vector<Line> lines = FirstLines(batches);
  std::vector<std::unique_ptr<DocumentText>> texts;
  for (uint32_t i = 0; i < threads; ++i) {
    ASSIGN_OR_RETURN(texts.emplace_back(), DocumentText::Create(settings));
  }
  std::atomic<size_t> next = 0;
  std::vector<LengthMeter> parts(threads);
  std::vector<std::thread> workers;
  for (uint32_t i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] { parts[i] = MeasureSome(lines, next, *texts[i]); });
  }
  for (std::thread& worker : workers) worker.join();

  LengthMeter total;
  for (const LengthMeter& part : parts) total.Add(part);
  reader.PutBack(std::move(batches));
  return total.Mean();
}

}  // namespace foraker::retrieval
