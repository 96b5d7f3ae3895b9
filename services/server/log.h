// Structured logs: one JSON object a line on stderr, {"time", "level", "event", ...}.
//
// Thread-safe. Never fails: text that is not UTF-8 is written with replacement characters.

#ifndef FORAKER_SERVICES_SERVER_LOG_H_
#define FORAKER_SERVICES_SERVER_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace foraker::server {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

// Of "debug", "info", "warn", "error", "off"; anything else is kInfo.
LogLevel ParseLogLevel(std::string_view name);

struct LogField {
  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;
};

class Log {
 public:
  explicit Log(LogLevel level);
  ~Log();

  bool Enabled(LogLevel level) const { return level >= level_ && level_ != LogLevel::kOff; }
  // `event` is a word to search for: "listening", "slow_query".
  void Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const;

 private:
  struct Sink;
  const LogLevel level_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_LOG_H_
