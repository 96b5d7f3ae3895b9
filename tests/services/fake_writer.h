// A Writer and an Administrator that accept everything and keep what they were asked.

#ifndef FORAKER_TESTS_SERVICES_FAKE_WRITER_H_
#define FORAKER_TESTS_SERVICES_FAKE_WRITER_H_

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/writer.h"

namespace foraker {

class FakeWriter : public retrieval::Writer {
 public:
  absl::StatusOr<retrieval::WriteReply> Write(const retrieval::WriteRequest& request) override {
    if (on_write) {
      if (absl::Status status = on_write(request); !status.ok()) return status;
    }
    const std::lock_guard lock(mutex_);
    writes_.push_back(request);
    retrieval::WriteReply reply;
    for (size_t i = 0; i < request.writes.size(); ++i) {
      reply.outcomes.push_back({absl::OkStatus(), ++sequence_, false, 0});
    }
    reply.sequence = sequence_;
    return reply;
  }
  absl::StatusOr<retrieval::DeleteMatchingReply> DeleteMatching(
      const retrieval::DeleteMatchingRequest& request) override {
    const std::lock_guard lock(mutex_);
    matching_.push_back(request);
    return retrieval::DeleteMatchingReply{7, ++sequence_};
  }
  absl::Duration RetryAfter(std::string_view) const override { return absl::Milliseconds(20); }

  std::vector<retrieval::WriteRequest> writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  std::vector<retrieval::DeleteMatchingRequest> matching() const {
    const std::lock_guard lock(mutex_);
    return matching_;
  }

  std::function<absl::Status(const retrieval::WriteRequest&)> on_write;  // before it is kept

 private:
  mutable std::mutex mutex_;
  std::vector<retrieval::WriteRequest> writes_;
  std::vector<retrieval::DeleteMatchingRequest> matching_;
  uint64_t sequence_ = 0;
};

// Each call is kept as a line: "drop books".
class FakeAdministrator : public retrieval::Administrator {
 public:
  absl::Status CreateCollection(const retrieval::CreateRequest& request) override {
    std::string line = absl::StrCat("create ", request.collection, " ", request.encoder);
    for (const auto& [name, value] : request.settings)
      absl::StrAppend(&line, " ", name, "=", value);
    for (const auto& [name, type] : request.fields) absl::StrAppend(&line, " ", name, ":", type);
    return Keep(line);
  }
  absl::Status DropCollection(std::string_view collection) override {
    return Keep("drop", collection);
  }
  absl::Status UpdateSettings(
      std::string_view collection,
      const std::vector<std::pair<std::string, std::string>>& settings) override {
    return Keep("set", collection, settings.at(0).first, settings.at(0).second);
  }
  absl::Status PublishIdf(std::string_view collection) override {
    return Keep("publish", collection);
  }
  absl::Status SetAlias(std::string_view alias, std::string_view collection) override {
    return Keep("alias", alias, collection);
  }
  absl::Status RemoveAlias(std::string_view alias) override { return Keep("remove", alias); }
  absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) override {
    return Keep("snapshot", collection, snapshot);
  }
  absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) override {
    return Keep("unsnapshot", collection, snapshot);
  }
  absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                               std::string_view as) override {
    return Keep("restore", collection, snapshot, as);
  }
  absl::Status ImportSnapshot(std::string_view directory, std::string_view collection) override {
    return Keep("import", directory, collection);
  }
  absl::Status Flush(std::string_view collection) override { return Keep("flush", collection); }
  absl::Status Compact(std::string_view collection) override { return Keep("compact", collection); }
  absl::Status Attach(const retrieval::AttachRequest& request) override {
    return Keep("attach", request.collection, request.directories.at(0));
  }
  absl::Status Rebuild(const retrieval::RebuildRequest& request,
                       const retrieval::OnProgress& on_progress,
                       const std::atomic<bool>* cancel) override {
    if (on_rebuild) return on_rebuild(on_progress, *cancel);
    on_progress({"encoding", 5, 10});
    return Keep("rebuild", request.alias, request.new_collection, request.encoder);
  }

  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  std::function<absl::Status(const retrieval::OnProgress&, const std::atomic<bool>& cancel)>
      on_rebuild;

 private:
  absl::Status Keep(std::string_view a, std::string_view b = {}, std::string_view c = {},
                    std::string_view d = {}) {
    std::string line(a);
    for (const std::string_view part : {b, c, d}) {
      if (!part.empty()) absl::StrAppend(&line, " ", base::ToAbsl(part));
    }
    const std::lock_guard lock(mutex_);
    calls_.push_back(line);
    return absl::OkStatus();
  }

  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
};

}  // namespace foraker

#endif  // FORAKER_TESTS_SERVICES_FAKE_WRITER_H_
