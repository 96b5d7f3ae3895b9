// Changes to settings by their dotted names, as requests have them: {"query.stem_weight", "0.8"}.
//
// A value is read as the setting's type is: numbers and booleans as JSON has them, all else as the
// text itself. Pure functions. Errors: kInvalidArgument names the setting and what was expected.

#ifndef FORAKER_RETRIEVAL_SETTINGS_CHANGES_H_
#define FORAKER_RETRIEVAL_SETTINGS_CHANGES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

using SettingChanges = std::vector<std::pair<std::string, std::string>>;

// Which settings a request may change.
enum class Changeable {
  kAll,    // of a new collection: document, query and writes
  kLater,  // of one that exists: query and writes
};

absl::StatusOr<CollectionSettings> WithChanges(const CollectionSettings& settings,
                                               const SettingChanges& changes,
                                               Changeable changeable);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SETTINGS_CHANGES_H_
