#include "services/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "services/config/address.h"

namespace foraker::config {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Settings> FromToml(std::string_view toml) {
  Settings settings;
  ASSIGN_OR_RETURN(const auto assignments, ReadToml(toml, "foraker.toml"));
  RETURN_IF_ERROR(Apply(assignments, settings));
  return settings;
}

TEST(SettingsTest, AFileSetsStringsNumbersBooleansAndDurations) {
  const auto settings = FromToml(R"(
      data = "/srv/data"
      [server]
      listen = "[::1]:9000"
      threads = 3
      insecure = true
      drain = "1.5s"
      [log]
      level = "debug"
  )");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->data, "/srv/data");
  EXPECT_EQ(settings->listen, "[::1]:9000");
  EXPECT_EQ(settings->threads, 3u);
  EXPECT_TRUE(settings->insecure);
  EXPECT_EQ(settings->drain, absl::Milliseconds(1'500));
  EXPECT_EQ(settings->log_level, "debug");
}

TEST(SettingsTest, AnUnknownSettingIsAnErrorThatNamesFileAndLine) {
  const auto settings = FromToml("data = \"d\"\n[server]\nlisten = \"127.0.0.1:1\"\nport = 1\n");
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(settings.status().message(),
              HasSubstr("foraker.toml:4: unknown setting \"server.port\""));
}

TEST(SettingsTest, AValueThatDoesNotFitSaysWhatWasExpected) {
  EXPECT_THAT(FromToml("[server]\nthreads = -1\n").status().message(),
              HasSubstr("foraker.toml:2: server.threads: expected a whole number of 0 to 1024"));
  EXPECT_THAT(FromToml("[server]\ndrain = \"soon\"\n").status().message(),
              HasSubstr("expected a duration of"));
  EXPECT_THAT(FromToml("[log]\nlevel = \"loud\"\n").status().message(),
              HasSubstr("expected debug, info, warn, error or off, got \"loud\""));
  EXPECT_THAT(FromToml("[server]\nthreads = [1]\n").status().message(),
              HasSubstr("foraker.toml:2: server.threads: expected a string"));
}

TEST(SettingsTest, AFileThatIsNoTomlNamesTheLine) {
  EXPECT_THAT(FromToml("[server]\nlisten = \n").status().message(), HasSubstr("foraker.toml:2:"));
}

TEST(SettingsTest, TheEnvironmentNestsWithTwoUnderscores) {
  const std::vector<Assignment> assignments = ReadEnvironment(
      {"HOME=/root", "FORAKER__SERVER__HTTP_LISTEN=127.0.0.1:1=2", "FORAKER_SHARED=x"});
  ASSERT_EQ(assignments.size(), 1u);
  EXPECT_EQ(assignments[0].name, "server.http_listen");
  EXPECT_EQ(assignments[0].value, "127.0.0.1:1=2");
  EXPECT_EQ(assignments[0].where, "FORAKER__SERVER__HTTP_LISTEN");
}

TEST(SettingsTest, LaterAssignmentsWin) {
  Settings settings;
  ASSERT_TRUE(Apply({{"server.queue", "1", "file"}, {"server.queue", "2", "flag"}}, settings).ok());
  EXPECT_EQ(settings.queue, 2u);
}

TEST(SettingsTest, AnAddressThatOthersReachIsRefusedUnlessAllowed) {
  Settings settings;
  for (const char* open : {"0.0.0.0:7411", "192.168.1.5:7411", "[::]:7411", "example.org:7411"}) {
    settings.listen = open;
    EXPECT_THAT(Validate(settings).message(), HasSubstr("server.listen: other machines can reach"));
  }
  settings.insecure = true;
  EXPECT_TRUE(Validate(settings).ok());
  settings = Settings();
  settings.http_listen = "0.0.0.0:7412";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("server.http_listen"));
  settings.http_listen = "";
  for (const char* loopback : {"127.0.0.1:0", "127.9.9.9:1", "[::1]:1", "localhost:1"}) {
    settings.listen = loopback;
    EXPECT_TRUE(Validate(settings).ok()) << loopback;
  }
}

TEST(SettingsTest, KeysAllowAnAddressThatOthersReach) {
  Settings settings;
  settings.listen = settings.http_listen = "0.0.0.0:7411";
  settings.keys_file = "keys.jsonl";
  EXPECT_TRUE(Validate(settings).ok());
  settings.keys_file = "";
  settings.api_key = "secret";
  EXPECT_TRUE(Validate(settings).ok());
}

TEST(SettingsTest, TlsTakesACertificateAndItsKey) {
  Settings settings;
  settings.tls_cert = "server.crt";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("belong together"));
  settings.tls_key = "server.key";
  EXPECT_TRUE(Validate(settings).ok());
  settings = Settings();
  settings.tls_client_ca = "ca.crt";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("server.tls_client_ca"));
}

TEST(SettingsTest, PrecisionsOfTheModelAreNames) {
  Settings settings;
  ASSERT_TRUE(Apply({{"rank.precision", "int8,f32", "flag"}}, settings).ok());
  EXPECT_EQ(settings.rank_precision, "int8,f32");
  for (const char* bad : {"fp32", "int8;f32", "int8,int8", "int8, f32"}) {
    EXPECT_THAT(Apply({{"rank.precision", bad, "flag"}}, settings).message(),
                HasSubstr("rank.precision: expected some of f32, bf16, int8"))
        << bad;
  }
  EXPECT_THAT(Apply({{"rank.max_documents", "501", "flag"}}, settings).message(),
              HasSubstr("expected a whole number of 1 to 500"));
}

TEST(SettingsTest, TheAgentsServersAndModelAreChecked) {
  Settings settings;
  settings.agent_search_server = "search:7411";
  settings.agent_rank_server = "rank";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("agent.rank_server"));
  settings.agent_rank_server = "rank:7411";
  EXPECT_TRUE(Validate(settings).ok());
  settings.agent_tls_cert = "client.crt";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("agent.tls_cert and agent.tls_key"));
  settings = Settings();
  settings.llm_url = "http://127.0.0.1:8000/v1";
  EXPECT_THAT(Validate(settings).message(), HasSubstr("llm.model"));
  settings.llm_model = "qwen";
  EXPECT_TRUE(Validate(settings).ok());
  EXPECT_THAT(Apply({{"agent.max_searches", "33", "flag"}}, settings).message(),
              HasSubstr("expected a whole number of 1 to 32"));
}

TEST(SettingsTest, ASecretIsNotShown) {
  Settings settings;
  settings.api_key = settings.agent_server_key = settings.llm_api_key = "secret";
  EXPECT_THAT(ToToml(settings), testing::Not(HasSubstr("secret")));
}

TEST(AddressTest, OnlyHostColonPortIsAnAddress) {
  for (const char* bad :
       {"", "7411", ":7411", "host:", "host:70000", "::1:7411", "a:b:1", "h:-1"}) {
    EXPECT_FALSE(ParseAddress(bad).ok()) << bad;
  }
  EXPECT_EQ(FormatAddress(*ParseAddress("[::1]:7411")), "[::1]:7411");
  EXPECT_EQ(FormatAddress(*ParseAddress("localhost:1")), "localhost:1");
}

}  // namespace
}  // namespace foraker::config
