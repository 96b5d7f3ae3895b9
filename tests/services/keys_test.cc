// Keys, their file, and who may do what with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/string_view.h"
#include "services/auth/authenticator.h"
#include "services/auth/key_file.h"
#include "tests/support/temporary_directory.h"

namespace foraker::auth {
namespace {

using ::testing::HasSubstr;

class KeysTest : public testing::Test {
 protected:
  // Makes a key and returns its token.
  std::string Add(Key key) {
    const std::string token = *GenerateToken();
    key.hash = HashToken(token);
    keys_.push_back(std::move(key));
    EXPECT_TRUE(WriteKeyFile(keys_, path_).ok());
    return token;
  }

  std::unique_ptr<Authenticator> Open() {
    auto opened = Authenticator::Open({.keys_file = path_, .api_key = {}});
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("keys.jsonl");
  std::vector<Key> keys_;
};

Key ReadOnly(std::string name) {
  Key key;
  key.name = std::move(name);
  return key;
}

TEST_F(KeysTest, TokensAreLongRandomAndPrintable) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const std::string token = *GenerateToken();
    EXPECT_EQ(token.size(), 46u) << token;
    EXPECT_EQ(token.substr(0, 3), "fk_");
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), 100u);
}

TEST_F(KeysTest, AFileHoldsEverythingButTheToken) {
  Key key;
  key.name = "shop";
  key.scope = Scope::kReadWrite;
  key.collections = {"products", "news-*"};
  key.expires = absl::FromUnixSeconds(1'900'000'000);
  key.quota = {50, 1e9};
  const std::string token = Add(key);
  const auto read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->at(0).name, "shop");
  EXPECT_EQ(read->at(0).scope, Scope::kReadWrite);
  EXPECT_EQ(read->at(0).collections, key.collections);
  EXPECT_EQ(read->at(0).expires, key.expires);
  EXPECT_EQ(read->at(0).quota.requests, 50);
  EXPECT_EQ(read->at(0).quota.postings, 1e9);
  const std::string text = *base::ReadFile(path_);
  EXPECT_THAT(text, testing::Not(HasSubstr(token)));
  struct stat stat = {};
  ASSERT_EQ(::stat(path_.c_str(), &stat), 0);
  EXPECT_EQ(stat.st_mode & 0777u, 0600u) << "nobody else reads it";
}

TEST_F(KeysTest, AWrongFileNamesLineAndMember) {
  const std::string hash(64, 'a');
  const std::string good =
      absl::StrCat("{\"name\": \"a\", \"scope\": \"admin\", \"sha256\": \"", hash, "\"}\n");
  const std::pair<std::string, std::string> cases[] = {
      {"nonsense\n", "f:1: expected a JSON object"},
      {"# keys\n\n{\"name\": \"a\"}\n", "f:3: scope: expected to be given"},
      {"{\"name\": \"a b\"}", "f:1: name: expected 1 to 64"},
      {"{\"scope\": \"root\"}", "f:1: scope: expected read-only"},
      {"{\"sha256\": \"12\"}", "f:1: sha256: expected 64 hexadecimal digits"},
      {"{\"collections\": []}", "f:1: collections: expected a list"},
      {"{\"expires\": \"soon\"}", "f:1: expires: expected a time"},
      {"{\"requests_per_second\": 0}", "f:1: requests_per_second: expected a number above 0"},
      {"{\"request_per_second\": 1}", "f:1: unknown member \"request_per_second\""},
      {good + good, "f:2: the name or the token of \"a\" comes twice"},
  };
  for (const auto& [text, expected] : cases) {
    const auto keys = ParseKeys(text, "f");
    EXPECT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(base::ToStd(keys.status().message()), HasSubstr(expected));
  }
}

TEST_F(KeysTest, NothingTellsNoKeyFromAWrongOrAnExpiredOne) {
  Key old = ReadOnly("old");
  old.expires = absl::Now() - absl::Seconds(1);
  const std::string expired = Add(old);
  const std::string valid = Add(ReadOnly("now"));
  const auto keys = Open();
  EXPECT_TRUE(keys->needs_keys());
  ASSERT_TRUE(keys->Authenticate(valid).ok());
  EXPECT_EQ(keys->Authenticate(valid)->key_name(), "now");
  const absl::Status none = keys->Authenticate("").status();
  EXPECT_EQ(none.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(keys->Authenticate("fk_wrong").status(), none);
  EXPECT_EQ(keys->Authenticate(expired).status(), none);
  EXPECT_EQ(keys->Authenticate(valid + "x").status(), none);
}

TEST_F(KeysTest, WithoutKeysEverybodyMayDoEverything) {
  const auto open = Authenticator::Open({});
  ASSERT_TRUE(open.ok());
  EXPECT_FALSE((*open)->needs_keys());
  const auto access = (*open)->Authenticate("");
  ASSERT_TRUE(access.ok());
  EXPECT_TRUE(access->CheckMethod("DropCollection").ok());
  EXPECT_FALSE(access->bound());
}

TEST_F(KeysTest, TheKeyOfTheSettingsIsAnAdmin) {
  const auto keys = Authenticator::Open({.keys_file = {}, .api_key = "long-and-secret"});
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ((*keys)->Authenticate("short").status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE((*keys)->Authenticate("long-and-secret")->CheckMethod("DropCollection").ok());
}

TEST_F(KeysTest, AScopeHoldsThoseBelowItAndNamesWhatIsMissing) {
  const std::pair<Scope, int> scopes[] = {
      {Scope::kReadOnly, 1}, {Scope::kReadWrite, 2}, {Scope::kAdmin, 3}};
  const std::pair<const char*, int> methods[] = {{"Search", 1},
                                                 {"Rank", 1},
                                                 {"GetRankModel", 1},
                                                 {"GetDocuments", 1},
                                                 {"Pin", 1},
                                                 {"WriteDocuments", 2},
                                                 {"StreamDocuments", 2},
                                                 {"DeleteDocuments", 2},
                                                 {"DropCollection", 3},
                                                 {"RebuildCollection", 3},
                                                 {"ImportSnapshot", 3},
                                                 {"AMethodOfTheFuture", 3}};
  for (const auto& [scope, rank] : scopes) {
    Key key = ReadOnly("k");
    key.scope = scope;
    const Access access(std::make_shared<const Key>(key));
    for (const auto& [method, needed] : methods) {
      EXPECT_EQ(access.CheckMethod(method).ok(), rank >= needed) << Name(scope) << " " << method;
    }
  }
  const Access reader(std::make_shared<const Key>(ReadOnly("k")));
  const absl::Status refused = reader.CheckMethod("WriteDocuments");
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.message(),
            "WriteDocuments needs a key of scope read-write; this one is read-only");
}

TEST_F(KeysTest, ABoundKeySeesItsCollectionsAlone) {
  Key key = ReadOnly("k");
  key.collections = {"products", "news-*"};
  const Access access(std::make_shared<const Key>(key));
  EXPECT_TRUE(access.bound());
  EXPECT_TRUE(access.MaySee("products"));
  EXPECT_TRUE(access.MaySee("news-2026"));
  EXPECT_FALSE(access.MaySee("product"));
  EXPECT_FALSE(access.MaySee("old-news-2026"));
  EXPECT_EQ(access.CheckCollection("orders", "sales").message(),
            "this key may not use the collection \"sales\"");
}

TEST_F(KeysTest, AStarStandsForAnyCharacters) {
  const std::tuple<const char*, const char*, bool> cases[] = {{"*", "", true},
                                                              {"*", "abc", true},
                                                              {"a*c", "abc", true},
                                                              {"a*c", "ac", true},
                                                              {"a*c", "abcd", false},
                                                              {"**b", "ab", true},
                                                              {"a*b*c", "axbxbxc", true},
                                                              {"a*b*c", "axcxb", false},
                                                              {"", "", true},
                                                              {"", "a", false},
                                                              {"abc", "ab", false}};
  for (const auto& [pattern, name, fits] : cases) {
    EXPECT_EQ(MatchesGlob(pattern, name), fits) << pattern << " and " << name;
  }
  // Many stars against a long name must not take exponential time.
  EXPECT_FALSE(MatchesGlob("*a*a*a*a*a*a*a*a*b", std::string(10'000, 'a')));
}

TEST_F(KeysTest, ANewFileReplacesTheKeysAndABrokenOneDoesNot) {
  const std::string first = Add(ReadOnly("first"));
  const auto keys = Open();
  EXPECT_EQ(*keys->Reload(), false) << "nothing changed";
  keys_.clear();
  const std::string second = Add(ReadOnly("second"));
  EXPECT_EQ(*keys->Reload(), true);
  EXPECT_FALSE(keys->Authenticate(first).ok());
  EXPECT_TRUE(keys->Authenticate(second).ok());
  Write("broken");
  EXPECT_EQ(keys->Reload().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*keys->Reload(), false) << "one change is told once";
  EXPECT_TRUE(keys->Authenticate(second).ok());
  std::filesystem::remove(path_);
  EXPECT_EQ(keys->Reload().status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(keys->Authenticate(second).ok());
}

TEST_F(KeysTest, AMissingFileIsAnErrorAtTheStart) {
  const auto keys = Authenticator::Open({.keys_file = path_, .api_key = {}});
  EXPECT_EQ(keys.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(base::ToStd(keys.status().message()), HasSubstr("server.keys_file"));
}

TEST_F(KeysTest, ATokenComesAsBearerOrAsApiKey) {
  EXPECT_EQ(TokenOf("Bearer abc", ""), "abc");
  EXPECT_EQ(TokenOf("bearer abc", "other"), "abc");
  EXPECT_EQ(TokenOf("", "abc"), "abc");
  EXPECT_EQ(TokenOf("Basic abc", "def"), "def");
  EXPECT_EQ(TokenOf("Bearer ", ""), "");
}

}  // namespace
}  // namespace foraker::auth
