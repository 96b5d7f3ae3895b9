#include "services/client/retry.h"

#include <gtest/gtest.h>

namespace foraker::client {
namespace {

Attempt Failed(absl::StatusCode code, absl::Duration retry_after = absl::ZeroDuration()) {
  return {absl::Status(code, "no"), retry_after};
}

TEST(RetriesTest, AServerThatIsAwayIsTriedAgainAfterAWaitThatDoubles) {
  Retries retries(absl::Seconds(30));
  const auto first = retries.After(Failed(absl::StatusCode::kUnavailable));
  const auto second = retries.After(Failed(absl::StatusCode::kUnavailable));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*second, *first * 2);
}

TEST(RetriesTest, TheServersOwnWaitIsKept) {
  Retries retries(absl::Seconds(30));
  EXPECT_EQ(retries.After(Failed(absl::StatusCode::kResourceExhausted, absl::Seconds(4))),
            absl::Seconds(4));
}

TEST(RetriesTest, ACallThatNobodyCancelledIsTriedAgainAsIfTheServerWereAway) {
  Retries retries(absl::Seconds(30));
  const auto first = retries.After(Failed(absl::StatusCode::kCancelled));
  const auto second = retries.After(Failed(absl::StatusCode::kUnavailable));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*second, *first * 2);
}

TEST(RetriesTest, OtherErrorsStand) {
  Retries retries(absl::Seconds(30));
  for (const absl::StatusCode code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound, absl::StatusCode::kAborted,
        absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kPermissionDenied}) {
    EXPECT_FALSE(retries.After(Failed(code)).has_value());
  }
}

TEST(RetriesTest, PatienceEnds) {
  Retries retries(absl::Milliseconds(500));
  EXPECT_FALSE(
      retries.After(Failed(absl::StatusCode::kResourceExhausted, absl::Seconds(1))).has_value());
}

TEST(RetriesTest, WorkIsTriedUntilItSucceeds) {
  int tries = 0;
  EXPECT_TRUE(WithRetries(absl::Seconds(30), [&] {
                return ++tries < 3 ? Failed(absl::StatusCode::kUnavailable)
                                   : Attempt{absl::OkStatus(), absl::ZeroDuration()};
              }).ok());
  EXPECT_EQ(tries, 3);
}

}  // namespace
}  // namespace foraker::client
