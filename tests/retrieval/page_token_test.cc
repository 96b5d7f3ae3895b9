#include "retrieval/page_token.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>

namespace foraker::retrieval {
namespace {

PageToken SearchToken() {
  return {.fingerprint = 0x0123456789abcdef,
          .snapshot = "AAAAAAAAAAAAAAAAAAAAAA",
          .position =
              index::SearchAfter{.score = 3.25f, .id = "doc \xc3\xa9", .passage_in_document = 7}};
}

SearchRequest Request() {
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = "white whale", .stem_weight = {}, .title_weight = {}};
  return request;
}

TEST(PageTokenTest, ASearchCursorSurvivesTheRoundTripWithItsScoreBits) {
  const PageToken token = SearchToken();
  const absl::StatusOr<PageToken> decoded = DecodePageToken(EncodePageToken(token));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->fingerprint, token.fingerprint);
  EXPECT_EQ(decoded->snapshot, token.snapshot);
  const auto& after = std::get<index::SearchAfter>(decoded->position);
  EXPECT_EQ(std::bit_cast<uint32_t>(after.score), std::bit_cast<uint32_t>(3.25f));
  EXPECT_EQ(after.id, "doc \xc3\xa9");
  EXPECT_EQ(after.passage_in_document, 7u);
}

TEST(PageTokenTest, AListCursorSurvivesTheRoundTrip) {
  PageToken token = SearchToken();
  token.position = ListCursor{.segment = 3, .document = 4'000'000'000};
  const absl::StatusOr<PageToken> decoded = DecodePageToken(EncodePageToken(token));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(std::get<ListCursor>(decoded->position).segment, 3u);
  EXPECT_EQ(std::get<ListCursor>(decoded->position).document, 4'000'000'000u);
}

TEST(PageTokenTest, AnyChangedMissingOrAddedCharacterIsTheSameError) {
  const std::string text = EncodePageToken(SearchToken());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const absl::Status status = DecodePageToken(changed).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << "character " << i;
    EXPECT_EQ(status.message(),
              "page_token: not a token that an earlier response gave, or changed since");
    EXPECT_FALSE(DecodePageToken(text.substr(0, i)).ok()) << "cut to " << i;
  }
  EXPECT_FALSE(DecodePageToken(text + "A").ok());
  EXPECT_FALSE(DecodePageToken(text + "=").ok());
  EXPECT_FALSE(DecodePageToken(" " + text).ok());
}

TEST(PageTokenTest, ArbitraryBytesAreRefused) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 80, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_FALSE(DecodePageToken(bytes).ok());
  }
}

TEST(PageTokenTest, TheFingerprintChangesWithWhatIsAsked) {
  const uint64_t plain = Fingerprint(Request());
  SearchRequest other = Request();
  other.collection = "films";
  EXPECT_NE(Fingerprint(other), plain);
  other = Request();
  other.query = TextQuery{.text = "white whales", .stem_weight = {}, .title_weight = {}};
  EXPECT_NE(Fingerprint(other), plain);
  other.query = TextQuery{.text = "white whale",
                          .stem_weight = {},
                          .title_weight = {},
                          .encoding = QueryEncoding::kTable};
  EXPECT_NE(Fingerprint(other), plain);
  other.query = TextQuery{.text = "white whale", .stem_weight = 0.0f, .title_weight = {}};
  EXPECT_NE(Fingerprint(other), plain);
  other.query = DocumentQuery{.document_id = "white whale"};
  EXPECT_NE(Fingerprint(other), plain);
  other = Request();
  other.collapse = CollapseMode::kNone;
  EXPECT_NE(Fingerprint(other), plain);
  other = Request();
  other.filter.emplace();
  EXPECT_NE(Fingerprint(other), plain);
}

TEST(PageTokenTest, TheFingerprintTellsFiltersOfOtherShapesAndTypesApart) {
  SearchRequest request = Request();
  request.filter.emplace();
  request.filter->kind = Filter::Kind::kEquals;
  request.filter->field = "year";
  request.filter->values = {int64_t{1}};
  const uint64_t integer = Fingerprint(request);
  request.filter->values = {true};
  EXPECT_NE(Fingerprint(request), integer);
  request.filter->values = {int64_t{1}, int64_t{1}};
  EXPECT_NE(Fingerprint(request), integer);
  request.filter->values = {};
  request.filter->low = int64_t{1};
  const uint64_t low = Fingerprint(request);
  request.filter->low_inclusive = false;
  EXPECT_NE(Fingerprint(request), low);
  request.filter->low_inclusive = true;
  request.filter->high = std::exchange(request.filter->low, std::nullopt);
  EXPECT_NE(Fingerprint(request), low);
}

TEST(PageTokenTest, TheSizeAndTheMaskOfAPageMayChange) {
  SearchRequest other = Request();
  other.k = 50;
  other.with_text = false;
  other.snippet = SnippetRequest();
  other.page_token = "anything";
  EXPECT_EQ(Fingerprint(other), Fingerprint(Request()));
}

}  // namespace
}  // namespace foraker::retrieval
