// What the rest of the system may ask of a reranker: a query and a list of documents in, their
// order out. Implementations: BlockRanker (ranker/block_ranker.h) and a gRPC client
// (services/client).
//
// Plain structs, no protobuf. Thread-safe. Errors: kInvalidArgument naming the field and what was
// expected; kFailedPrecondition where a precision is asked for that is not loaded;
// kResourceExhausted under overload (RetryAfter says how long); kDeadlineExceeded, kCancelled.

#ifndef FORAKER_RETRIEVAL_API_RERANKER_H_
#define FORAKER_RETRIEVAL_API_RERANKER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace foraker::retrieval {

// Where a document's score comes from: which tokens at the prompt's end look at the documents, and
// what their attention is a share of. The four definitions are in ranker/scoring/scoring.h.
enum class RankVariant { kPaper, kLastToken, kTwoTokens, kAllKeys };

// kBf16: weights are held as bfloat16, arithmetic is that of kF32.
enum class RankPrecision { kF32, kBf16, kInt8 };

struct RankDocument {
  std::string title;
  std::string text;
};

// Nothing to read: white space alone. Such a document is refused.
inline bool IsBlank(const RankDocument& document) {
  const auto blank = [](std::string_view text) {
    return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
  };
  return blank(document.title) && blank(document.text);
}

struct RankOptions {
  uint32_t top_n = 0;                      // documents returned; 0: all
  std::optional<RankVariant> variant;      // unset: the model's
  std::optional<RankPrecision> precision;  // unset: the one that was loaded first
  uint32_t max_document_tokens = 0;        // of a document's block; 0: the model's
  // A longer document is read in several windows, and its score is the best of them; else its end
  // is dropped.
  bool windows = false;
  absl::Time deadline = absl::InfiniteFuture();
  // Asked by the thread that called, every few milliseconds; may be null.
  std::function<bool()> cancelled;
  // Who asks: callers share the device in turns, whatever each one sends.
  std::string caller;
};

struct RankRequest {
  std::string query;
  std::vector<RankDocument> documents;
  RankOptions options;
};

struct RankedDocument {
  uint32_t index = 0;  // in the request's documents
  // A share of the list's attention: comparable inside one list only.
  float score = 0;
  uint32_t tokens_read = 0;     // of the document's blocks, their wrapping included
  uint32_t tokens_dropped = 0;  // of its text
  uint32_t windows = 1;
};

struct RankTiming {  // microseconds
  uint64_t tokenize = 0, queue = 0, compute = 0, total = 0;
};

struct RankResult {
  std::vector<RankedDocument> documents;  // by score, then by index; the first top_n
  uint32_t tokens = 0;                    // of the whole prompt
  RankVariant variant = RankVariant::kTwoTokens;
  RankPrecision precision = RankPrecision::kF32;
  std::string model;  // its name: the directory's last part
  RankTiming timing;
};

class Reranker {
 public:
  virtual ~Reranker() = default;
  virtual absl::StatusOr<RankResult> Rank(const RankRequest& request) = 0;
  // How long to wait after kResourceExhausted.
  virtual absl::Duration RetryAfter() const = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_RERANKER_H_
