// The generation at which each collection is searched, by the names that clients use.
//
// A collection is opened when it is first asked for and stays at that generation until Refresh.
// Thread-safe; views that were handed out stay readable whatever is refreshed. Errors: kNotFound
// for a name that is no collection or alias; those of OpenView and index::Catalog.

#ifndef FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_
#define FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "index/store/catalog.h"
#include "retrieval/collection_view.h"

namespace foraker::retrieval {

class OpenCollections {
 public:
  using View = std::shared_ptr<const CollectionView>;

  explicit OpenCollections(std::shared_ptr<index::Catalog> catalog);

  absl::StatusOr<View> Find(std::string_view name_or_alias);

  // Follows the catalog. A name that is gone is forgotten; one whose new generation cannot be
  // opened keeps the old one, and the first such error is returned after all names were tried.
  absl::Status Refresh();

  size_t count() const;  // distinct collections that are open

 private:
  using Views = std::map<std::string, View, std::less<>>;

  // The newest generation under the name; names that mean one collection share its view.
  absl::StatusOr<View> Open(std::string_view name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(opening_);
  View Known(std::string_view name) const;

  const std::shared_ptr<index::Catalog> catalog_;
  const std::shared_ptr<EncoderStore> encoders_;
  // Held while generations are opened, so that each is opened once; searches do not wait for it.
  base::Mutex opening_;
  mutable base::Mutex mutex_;
  Views views_ ABSL_GUARDED_BY(mutex_);  // by the names that were asked for
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_OPEN_COLLECTIONS_H_
