// CatalogDatabase of the process that writes (catalog_database.h). Owns the database and the data
// directory's lock.

#ifndef FORAKER_INDEX_STORE_WRITING_DATABASE_H_
#define FORAKER_INDEX_STORE_WRITING_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "index/store/catalog_database.h"
#include "index/store/writer_lock.h"

namespace foraker::index {

// kDataLoss, and nothing is altered, when the files hold less than was acknowledged.
absl::StatusOr<std::unique_ptr<CatalogDatabase>> OpenWritingDatabase(const std::string& data_dir,
                                                                     WriterLock lock);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_WRITING_DATABASE_H_
