// A program that rebuilds the collection behind an alias: crash_rebuild DIR ALIAS NEW. It is killed
// by the faults that its caller set.

#include <cstdio>
#include <memory>

#include "base/string_view.h"
#include "index/collection/live_store.h"
#include "index/store/catalog.h"
#include "retrieval/local_administrator.h"
#include "tests/crash/workload.h"

namespace foraker::crash {
namespace {

absl::Status Rebuild(const std::string& data_dir, const std::string& alias,
                     const std::string& new_collection) {
  auto catalog = index::Catalog::Open(data_dir, index::OpenMode::kWrite);
  if (!catalog.ok()) return catalog.status();
  auto store = index::LiveStore::Open(*std::move(catalog), [](const auto&) {
    return absl::StatusOr<index::LiveOptions>(QuietOptions());
  });
  if (!store.ok()) return store.status();
  const auto administrator = retrieval::MakeLocalAdministrator(*std::move(store), {});
  retrieval::RebuildRequest request;
  request.alias = alias;
  request.new_collection = new_collection;
  return administrator->Rebuild(request, nullptr, nullptr);
}

}  // namespace
}  // namespace foraker::crash

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const absl::Status status = foraker::crash::Rebuild(argv[1], argv[2], argv[3]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "crash_rebuild: %s\n", status.ToString().c_str());
  return 2;
}
