#include "retrieval/open_collections.h"

#include <set>
#include <utility>
#include <vector>

#include "base/status.h"

namespace foraker::retrieval {

using Snapshot = std::shared_ptr<const index::Snapshot>;

OpenCollections::OpenCollections(std::shared_ptr<index::SnapshotSource> source,
                                 const std::string& data_dir)
    : source_(std::move(source)), encoders_(std::make_shared<EncoderStore>(data_dir)) {}

OpenCollections::Opened OpenCollections::Known(std::string_view name) const {
  const base::MutexLock lock(&mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? Opened() : found->second;
}

absl::StatusOr<OpenCollections::View> OpenCollections::Find(std::string_view name_or_alias) {
  absl::StatusOr<Snapshot> snapshot = source_->Newest(name_or_alias);
  const Opened known = Known(name_or_alias);
  if (!snapshot.ok()) {
    if (known.view == nullptr || absl::IsNotFound(snapshot.status())) return snapshot.status();
    return known.view;
  }
  if (known.view != nullptr && (known.view->snapshot == *snapshot || known.refused == *snapshot)) {
    return known.view;
  }
  absl::StatusOr<View> view = Open(name_or_alias, *snapshot);
  if (view.ok() || known.view == nullptr) return view;
  const base::MutexLock lock(&mutex_);
  Opened& opened = names_[std::string(name_or_alias)];
  opened.refused = *std::move(snapshot);
  opened.error = view.status();
  return known.view;
}

absl::StatusOr<OpenCollections::View> OpenCollections::Open(std::string_view name,
                                                            const Snapshot& snapshot) {
  const auto find = [&](View& view, View& before) {
    const base::MutexLock lock(&mutex_);
    for (const auto& [other, opened] : names_) {
      if (opened.view == nullptr) continue;
      if (opened.view->snapshot == snapshot) view = opened.view;
      if (opened.view->snapshot->collection == snapshot->collection) before = opened.view;
    }
  };
  View view;    // of this very snapshot, opened under another name
  View before;  // of an earlier one
  find(view, before);
  if (view == nullptr && before != nullptr && before->snapshot->settings == snapshot->settings) {
    ASSIGN_OR_RETURN(view, OpenView(snapshot, before.get(), encoders_));
  }
  if (view == nullptr) {
    const base::MutexLock opening(&opening_);
    find(view, before);  // another search may have opened it meanwhile
    if (view == nullptr) {
      ASSIGN_OR_RETURN(view, OpenView(snapshot, before.get(), encoders_));
    }
  }
  const base::MutexLock lock(&mutex_);
  names_[std::string(name)] = {.view = view, .refused = nullptr, .error = {}};
  return view;
}

absl::Status OpenCollections::Refresh() {
  RETURN_IF_ERROR(source_->Refresh());
  std::vector<std::string> names;
  {
    const base::MutexLock lock(&mutex_);
    for (const auto& [name, opened] : names_) names.push_back(name);
  }
  absl::Status first_error;
  for (const std::string& name : names) {
    const absl::StatusOr<Snapshot> newest = source_->Newest(name);
    if (absl::IsNotFound(newest.status())) {
      const base::MutexLock lock(&mutex_);
      names_.erase(name);
      continue;
    }
    first_error.Update(newest.status());
    first_error.Update(Find(name).status());
    if (newest.ok() && Known(name).refused == *newest) first_error.Update(Known(name).error);
  }
  return first_error;
}

Snapshot OpenCollections::Newest(std::string_view collection) const {
  const base::MutexLock lock(&mutex_);
  for (const auto& [name, opened] : names_) {
    if (opened.view == nullptr || opened.view->snapshot->collection != collection) continue;
    return opened.view->snapshot;
  }
  return nullptr;
}

size_t OpenCollections::count() const {
  const base::MutexLock lock(&mutex_);
  std::set<std::string_view> collections;
  for (const auto& [name, opened] : names_) {
    if (opened.view != nullptr) collections.insert(opened.view->snapshot->collection);
  }
  return collections.size();
}

}  // namespace foraker::retrieval
