#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "retrieval/collection_view.h"
#include "retrieval/snapshot_leases.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

class LeaseTest : public ::testing::Test {
 protected:
  LeaseTest()
      : leases_(
            {.max_leases = 3, .default_lease = absl::Seconds(60), .max_lease = absl::Seconds(600)},
            [this] { return now_; }) {}

  static std::shared_ptr<const CollectionView> View(std::string collection) {
    auto snapshot = std::make_shared<index::Snapshot>();
    snapshot->collection = std::move(collection);
    const CollectionSettings settings;
    return std::make_shared<const CollectionView>(CollectionView{.snapshot = std::move(snapshot),
                                                                 .settings = settings,
                                                                 .idf = IdfTable(nullptr, settings),
                                                                 .table = nullptr,
                                                                 .queries = nullptr,
                                                                 .sessions = nullptr});
  }
  static std::shared_ptr<const index::Snapshot> Nothing(std::string_view) { return nullptr; }
  std::string Pin(const std::shared_ptr<const CollectionView>& view,
                  absl::Duration length = absl::ZeroDuration()) {
    const auto lease = leases_.Pin(view, "books", length);
    EXPECT_TRUE(lease.ok()) << lease.status();
    return lease.ok() ? lease->token : std::string();
  }
  absl::StatusCode Use(std::string_view token) { return leases_.Use(token, "").status().code(); }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  SnapshotLeases leases_;
};

TEST_F(LeaseTest, ATokenFindsItsSnapshotUntilItIsReleased) {
  const auto view = View("books");
  const std::string token = Pin(view);
  const auto used = leases_.Use(token, "books");
  ASSERT_TRUE(used.ok()) << used.status();
  EXPECT_EQ(*used, view);
  EXPECT_TRUE(leases_.Release(token).ok());
  EXPECT_EQ(Use(token), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(leases_.Release(token).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LeaseTest, AnUnusedLeaseExpiresAndFreesItsSnapshot) {
  auto view = View("books");
  const std::weak_ptr<const CollectionView> watched = view;
  const std::string token = Pin(std::exchange(view, nullptr));
  now_ += absl::Seconds(59);
  leases_.DropExpired(Nothing);
  EXPECT_FALSE(watched.expired());
  now_ += absl::Seconds(1);
  const absl::Status status = leases_.Use(token, "").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message().substr(0, 16), "snapshot expired");
  EXPECT_TRUE(watched.expired());
}

TEST_F(LeaseTest, UseRenewsALeaseForItsWholeLength) {
  const std::string token = Pin(View("books"), absl::Seconds(10));
  for (int i = 0; i < 5; ++i) {
    now_ += absl::Seconds(9);
    EXPECT_EQ(Use(token), absl::StatusCode::kOk);
  }
  now_ += absl::Seconds(10);
  EXPECT_EQ(Use(token), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LeaseTest, TheNumberOfLeasesIsBoundedAndExpiredOnesMakeRoom) {
  for (int i = 0; i < 3; ++i) Pin(View("books"));
  EXPECT_EQ(leases_.Pin(View("books"), "books", absl::ZeroDuration()).status().code(),
            absl::StatusCode::kResourceExhausted);
  now_ += absl::Seconds(60);
  Pin(View("books"));
  EXPECT_EQ(leases_.Count().leases, 1u);
}

TEST_F(LeaseTest, ALeaseLongerThanAllowedOrNegativeIsRefused) {
  const auto view = View("books");
  EXPECT_TRUE(leases_.Pin(view, "books", absl::Seconds(600)).ok());
  for (const absl::Duration length :
       {absl::Seconds(601), absl::Seconds(-1), absl::InfiniteDuration()}) {
    EXPECT_EQ(leases_.Pin(view, "books", length).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(LeaseTest, WhatIsNoTokenIsTheCallersError) {
  EXPECT_EQ(Use("no token"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Use(""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Use("AAAAAAAAAAAAAAAAAAAAAA"), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LeaseTest, TokensDiffer) {
  std::set<std::string> tokens;
  for (int i = 0; i < 1'000; ++i) {
    const std::string token = Pin(View("books"));
    tokens.insert(token);
    ASSERT_TRUE(leases_.Release(token).ok());
  }
  EXPECT_EQ(tokens.size(), 1'000u);
}

TEST_F(LeaseTest, ASnapshotOfAnotherCollectionIsRefusedByName) {
  const auto view = View("books-v2");
  const std::string token = leases_.Pin(view, "books", absl::ZeroDuration())->token;
  EXPECT_TRUE(leases_.Use(token, "books").ok());     // the alias it was pinned under
  EXPECT_TRUE(leases_.Use(token, "books-v2").ok());  // the collection's own name
  EXPECT_EQ(leases_.Use(token, "films").status().message(),
            "snapshot: it is one of collection \"books-v2\", not of \"films\"");
}

TEST_F(LeaseTest, PagesOfOneSnapshotShareALeaseThatNobodyReleases) {
  const auto view = View("books");
  const auto first = leases_.PinForPages(view);
  const auto second = leases_.PinForPages(view);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->token, second->token);
  EXPECT_NE(leases_.PinForPages(View("books"))->token, first->token);
  EXPECT_EQ(leases_.Count().leases, 2u);
  EXPECT_EQ(leases_.Release(first->token).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(leases_.Use(first->token, "").ok());
}

TEST_F(LeaseTest, TheGaugeCountsLeasesAndDistinctSnapshots) {
  const auto view = View("books");
  Pin(view, absl::Seconds(10));
  Pin(view, absl::Seconds(100));
  Pin(View("books"), absl::Seconds(100));
  EXPECT_EQ(leases_.Count().leases, 3u);
  EXPECT_EQ(leases_.Count().snapshots, 2u);
  now_ += absl::Seconds(10);
  EXPECT_EQ(leases_.Count().leases, 2u);
}

// A view of one segment, and how many bytes that has.
std::shared_ptr<const CollectionView> ViewOf(const SearchedCollection& books) {
  const CollectionSettings settings;
  return std::make_shared<const CollectionView>(CollectionView{.snapshot = books.snapshot(),
                                                               .settings = settings,
                                                               .idf = IdfTable(nullptr, settings),
                                                               .table = nullptr,
                                                               .queries = nullptr,
                                                               .sessions = nullptr});
}

TEST(LeaseBytesTest, OnlyWhatTheNewestSnapshotLacksCounts) {
  SearchedCollection books;
  books.Add({TestDocument("a", "", "whale")});
  const auto first = ViewOf(books);
  const uint64_t bytes = first->snapshot->segments[0].segment->file().file_bytes();
  books.Add({TestDocument("b", "", "whale")});
  SnapshotLeases leases({.max_leases = 8, .default_lease = absl::Seconds(60)});
  ASSERT_TRUE(leases.Pin(first, "books", absl::ZeroDuration()).ok());
  leases.DropExpired([&](std::string_view) { return books.snapshot(); });
  EXPECT_EQ(leases.Count().bytes, 0u);
  leases.DropExpired([&](std::string_view) { return std::make_shared<const index::Snapshot>(); });
  EXPECT_EQ(leases.Count().bytes, bytes);
  ASSERT_TRUE(leases.Pin(first, "books", absl::ZeroDuration()).ok());
  leases.DropExpired([](std::string_view) { return nullptr; });
  EXPECT_EQ(leases.Count().bytes, bytes);  // a segment counts once
  EXPECT_EQ(leases.Count().leases, 2u);
}

TEST(LeaseBytesTest, TheLeasesThatWereUsedLongestAgoEndEarly) {
  SearchedCollection books;
  books.Add({TestDocument("a", "", "whale")});
  const auto first = ViewOf(books);
  const uint64_t bytes = first->snapshot->segments[0].segment->file().file_bytes();
  SearchedCollection films("films");
  films.Add({TestDocument("a", "", "whale")});
  absl::Time now = absl::FromUnixSeconds(1'000'000);
  SnapshotLeases leases({.max_leases = 8, .max_bytes = bytes, .default_lease = absl::Seconds(60)},
                        [&] { return now; });
  const auto older = leases.Pin(first, "books", absl::ZeroDuration());
  now += absl::Seconds(1);
  const auto newer = leases.Pin(ViewOf(films), "films", absl::ZeroDuration());
  ASSERT_TRUE(older.ok() && newer.ok());
  now += absl::Seconds(1);
  ASSERT_TRUE(leases.Use(older->token, "").ok());
  leases.DropExpired([](std::string_view) { return nullptr; });
  EXPECT_TRUE(leases.Use(older->token, "").ok());
  EXPECT_EQ(leases.Use(newer->token, "").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(leases.Count().bytes, bytes);
}

}  // namespace
}  // namespace foraker::retrieval
