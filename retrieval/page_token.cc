#include "retrieval/page_token.h"

#include <xxhash.h>

#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/string_view.h"
#include "retrieval/canonical_bytes.h"

namespace foraker::retrieval {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kSearch = 1;
constexpr uint8_t kList = 2;
constexpr uint8_t kOrder = 3;

absl::Status Damaged() {
  return absl::InvalidArgumentError(
      "page_token: not a token that an earlier response gave, or changed since");
}

std::optional<PageToken> Parse(std::string_view bytes) {
  ByteReader in(bytes);
  PageToken token;
  if (in.Get<uint8_t>() != kVersion) return std::nullopt;
  const auto kind = in.Get<uint8_t>();
  token.fingerprint = in.Get<uint64_t>();
  token.snapshot = in.GetString<uint8_t>();
  if (kind == kSearch) {
    index::SearchAfter after;
    after.score = std::bit_cast<float>(in.Get<uint32_t>());
    after.passage_in_document = in.Get<uint32_t>();
    after.id = in.GetString<uint16_t>();
    if (!std::isfinite(after.score)) return std::nullopt;
    token.position = std::move(after);
  } else if (kind == kList) {
    ListCursor cursor;
    cursor.segment = in.Get<uint32_t>();
    cursor.document = in.Get<uint32_t>();
    token.position = cursor;
  } else if (kind == kOrder) {
    token.position = OrderCursor{.place = in.Get<uint32_t>()};
  } else {
    return std::nullopt;
  }
  if (!in.AtEnd()) return std::nullopt;
  return token;
}

void Put(ByteWriter& out, std::optional<float> value) {
  out.Put(static_cast<uint8_t>(value.has_value()));
  out.Put(std::bit_cast<uint32_t>(value.value_or(0)));
}

void Put(ByteWriter& out, const std::optional<Value>& value) {
  out.Put(static_cast<uint8_t>(value.has_value()));
  if (value.has_value()) out.PutValue(*value);
}

void Put(ByteWriter& out, const Filter& filter) {
  out.Put(static_cast<uint8_t>(filter.kind));
  out.PutString<uint32_t>(filter.field);
  out.Put(static_cast<uint32_t>(filter.values.size()));
  for (const Value& value : filter.values) out.PutValue(value);
  Put(out, filter.low);
  Put(out, filter.high);
  out.Put(static_cast<uint8_t>(filter.low_inclusive));
  out.Put(static_cast<uint8_t>(filter.high_inclusive));
  out.Put(static_cast<uint32_t>(filter.operands.size()));
  for (const Filter& operand : filter.operands) Put(out, operand);
}

void Put(ByteWriter& out, const Query& query) {
  out.Put(static_cast<uint8_t>(query.index()));
  if (const auto* text = std::get_if<TextQuery>(&query)) {
    out.PutString<uint32_t>(text->text);
    Put(out, text->stem_weight);
    Put(out, text->title_weight);
    out.Put(static_cast<uint8_t>(text->encoding.has_value()));
    out.Put(static_cast<uint8_t>(text->encoding.value_or(QueryEncoding::kTable)));
  } else if (const auto* sparse = std::get_if<SparseQuery>(&query)) {
    for (const NamedTerm& term : sparse->terms) out.PutTerm(term);
  } else {
    out.PutString<uint32_t>(std::get<DocumentQuery>(query).document_id);
  }
}

void Put(ByteWriter& out, const std::optional<SnippetRequest>& snippet) {
  out.Put(static_cast<uint8_t>(snippet.has_value()));
  out.Put(snippet.has_value() ? snippet->max_chars : 0);
  out.Put(snippet.has_value() ? snippet->count : 0);
}

template <typename Option>
void PutOption(ByteWriter& out, std::optional<Option> option) {
  out.Put(static_cast<uint8_t>(option.has_value() ? static_cast<int>(*option) + 1 : 0));
}

// What the order of a rerank depends on, and what is kept with it.
void PutRerank(ByteWriter& out, const SearchRequest& request) {
  const RerankStage& stage = *request.rerank;
  out.Put(stage.candidates);
  PutOption(out, stage.options.variant);
  PutOption(out, stage.options.precision);
  out.Put(stage.options.max_document_tokens);
  out.Put(static_cast<uint8_t>(stage.options.windows));
  Put(out, request.snippet);
  out.Put(static_cast<uint8_t>(request.explain));
  out.Put(static_cast<uint32_t>(request.explain_ids.size()));
  for (const std::string& id : request.explain_ids) out.PutString<uint32_t>(id);
  out.Put(static_cast<uint32_t>(request.facets.size()));
  for (const FacetRequest& facet : request.facets) {
    out.PutString<uint32_t>(facet.field);
    out.Put(facet.limit);
    out.Put(facet.best_hits);
  }
}

uint8_t KindOf(const index::SearchAfter&) { return kSearch; }
uint8_t KindOf(const ListCursor&) { return kList; }
uint8_t KindOf(const OrderCursor&) { return kOrder; }

void PutPosition(ByteWriter& out, const index::SearchAfter& after) {
  out.Put(std::bit_cast<uint32_t>(after.score));
  out.Put(after.passage_in_document);
  out.PutString<uint16_t>(after.id);
}
void PutPosition(ByteWriter& out, const ListCursor& cursor) {
  out.Put(cursor.segment);
  out.Put(cursor.document);
}
void PutPosition(ByteWriter& out, const OrderCursor& cursor) { out.Put(cursor.place); }

}  // namespace

std::string EncodePageToken(const PageToken& token) {
  ByteWriter out;
  out.Put(kVersion);
  out.Put(std::visit([](const auto& position) { return KindOf(position); }, token.position));
  out.Put(token.fingerprint);
  out.PutString<uint8_t>(token.snapshot);
  std::visit([&out](const auto& position) { PutPosition(out, position); }, token.position);
  out.Put(static_cast<uint32_t>(out.Hash()));
  return absl::WebSafeBase64Escape(out.bytes());
}

absl::StatusOr<PageToken> DecodePageToken(std::string_view text) {
  std::string bytes;
  // The decoder is lenient (padding, white space): only the spelling that we write is a token.
  if (!absl::WebSafeBase64Unescape(base::ToAbsl(text), &bytes) ||
      absl::WebSafeBase64Escape(bytes) != base::ToAbsl(text) || bytes.size() < sizeof(uint32_t)) {
    return Damaged();
  }
  const std::string_view body(bytes.data(), bytes.size() - sizeof(uint32_t));
  const auto checksum = ByteReader(std::string_view(bytes).substr(body.size())).Get<uint32_t>();
  if (static_cast<uint32_t>(XXH3_64bits(body.data(), body.size())) != checksum) return Damaged();
  std::optional<PageToken> token = Parse(body);
  if (!token.has_value()) return Damaged();
  return *std::move(token);
}

absl::Status TokenOfAnotherRequest() {
  return absl::InvalidArgumentError(
      "page_token: it was given for another request; all but the size of a page and the parts "
      "to return must stay the same");
}

absl::Status SnapshotOfAnotherPage() {
  return absl::InvalidArgumentError(
      "snapshot: the page token holds another one; leave it out or give that of the first "
      "page");
}

uint64_t Fingerprint(const SearchRequest& request) {
  ByteWriter out;
  out.Put(kSearch);
  out.PutString<uint32_t>(request.collection);
  Put(out, request.query);
  out.Put(static_cast<uint8_t>(request.collapse));
  out.Put(static_cast<uint8_t>(request.filter.has_value()));
  if (request.filter.has_value()) Put(out, *request.filter);
  if (request.rerank.has_value()) PutRerank(out, request);
  return out.Hash();
}

uint64_t Fingerprint(const ListRequest& request) {
  ByteWriter out;
  out.Put(kList);
  out.PutString<uint32_t>(request.collection);
  return out.Hash();
}

}  // namespace foraker::retrieval
