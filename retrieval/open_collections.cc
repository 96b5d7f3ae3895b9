#include "retrieval/open_collections.h"

#include <set>
#include <utility>

#include "base/status.h"

namespace foraker::retrieval {

OpenCollections::OpenCollections(std::shared_ptr<index::Catalog> catalog)
    : catalog_(std::move(catalog)), encoders_(std::make_shared<EncoderStore>(catalog_->dir())) {}

OpenCollections::View OpenCollections::Known(std::string_view name) const {
  const base::MutexLock lock(&mutex_);
  const auto found = views_.find(name);
  return found == views_.end() ? nullptr : found->second;
}

absl::StatusOr<OpenCollections::View> OpenCollections::Find(std::string_view name_or_alias) {
  if (View view = Known(name_or_alias); view != nullptr) return view;
  const base::MutexLock opening(&opening_);
  if (View view = Known(name_or_alias); view != nullptr) return view;
  return Open(name_or_alias);
}

absl::StatusOr<OpenCollections::View> OpenCollections::Open(std::string_view name) {
  ASSIGN_OR_RETURN(std::shared_ptr<const index::Snapshot> snapshot, catalog_->Current(name));
  View view;    // of this very generation, opened under another name
  View before;  // of an earlier one
  {
    const base::MutexLock lock(&mutex_);
    for (const auto& [other, known] : views_) {
      if (known->snapshot == snapshot) view = known;
      if (known->snapshot->collection == snapshot->collection) before = known;
    }
  }
  if (view == nullptr) {
    ASSIGN_OR_RETURN(view, OpenView(std::move(snapshot), before.get(), encoders_));
  }
  const base::MutexLock lock(&mutex_);
  views_.insert_or_assign(std::string(name), view);
  return view;
}

absl::Status OpenCollections::Refresh() {
  const base::MutexLock opening(&opening_);
  RETURN_IF_ERROR(catalog_->Refresh());
  Views open;
  {
    const base::MutexLock lock(&mutex_);
    open = views_;
  }
  absl::Status first_error;
  for (const auto& [name, view] : open) {
    const absl::Status status = Open(name).status();
    if (absl::IsNotFound(status)) {
      const base::MutexLock lock(&mutex_);
      views_.erase(name);
    } else {
      first_error.Update(status);
    }
  }
  return first_error;
}

size_t OpenCollections::count() const {
  const base::MutexLock lock(&mutex_);
  std::set<const CollectionView*> views;
  for (const auto& [name, view] : views_) views.insert(view.get());
  return views.size();
}

}  // namespace foraker::retrieval
