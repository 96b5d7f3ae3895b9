#include "services/server/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/auth/scope.h"
#include "services/convert/status.h"
#include "services/server/call.h"

namespace foraker::server {
namespace {

constexpr int64_t kRefusedASecond = 100;

bool IsRefused(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

// Appends whole lines: O_APPEND and one write each.
bool WriteAll(int descriptor, std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(descriptor, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    line.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(std::string path, const Log& log) {
  auto audit = absl::WrapUnique(new AuditLog(std::move(path), log));
  if (absl::Status status = audit->Reopen(); !status.ok()) {
    return base::Annotate(status, "log.audit_file");
  }
  return audit;
}

absl::Status AuditLog::Reopen() {
  if (path_.empty()) return absl::OkStatus();
  // Who calls, and which collections there are, is not for every account of the machine.
  ASSIGN_OR_RETURN(base::FileDescriptor file,
                   base::FileDescriptor::Open(path_, O_WRONLY | O_APPEND | O_CREAT, 0640));
  absl::MutexLock lock(&mutex_);
  file_ = std::move(file);
  return absl::OkStatus();
}

bool AuditLog::Admit(bool refused, absl::Time now) {
  if (!refused) return true;
  if (const int64_t second = absl::ToUnixSeconds(now); second != second_) {
    second_ = second;
    refused_ = 0;
  }
  if (++refused_ <= kRefusedASecond) return true;
  ++suppressed_;
  return false;
}

void AuditLog::Note(const Call& call, const absl::Status& status) {
  const bool refused = IsRefused(status);
  if (!refused && auth::RequiredScope(call.method) == auth::Scope::kReadOnly) return;
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (!Admit(refused, now)) return;
  const std::string_view code = convert::CodeName(status.code());
  const auto writes = static_cast<int64_t>(call.notes.writes);
  const auto bytes = static_cast<int64_t>(call.size.bytes);
  if (!file_.has_value()) {
    log_.Write(LogLevel::kInfo, "audit",
               {{"key", call.access.key_name()},
                {"method", call.method},
                {"collection", std::string_view(call.notes.collection)},
                {"code", code},
                {"writes", writes},
                {"bytes", bytes},
                {"peer", std::string_view(call.peer)},
                {"request_id", std::string_view(call.request_id)},
                {"message", base::ToStd(status.message())},
                {"suppressed", suppressed_}});
    suppressed_ = 0;
    return;
  }
  nlohmann::ordered_json line = {
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", now, absl::UTCTimeZone())},
      {"key", call.access.key_name()},
      {"method", call.method},
      {"collection", call.notes.collection},
      {"code", code},
      {"writes", writes},
      {"bytes", bytes},
      {"peer", call.peer},
      {"request_id", call.request_id}};
  if (!status.ok()) line["message"] = base::ToStd(status.message());
  if (suppressed_ > 0) line["suppressed"] = suppressed_;
  suppressed_ = 0;
  const bool written =
      WriteAll(file_->get(),
               line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  if (!written && !failing_) {
    log_.Write(LogLevel::kError, "audit_failed", {{"file", std::string_view(path_)}});
  }
  failing_ = !written;
}

}  // namespace foraker::server
