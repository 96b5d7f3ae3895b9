// The Administrator over a data directory that this process writes to.
//
// Errors: those of retrieval/api/administrator.h.

#ifndef FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_
#define FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_

#include <memory>
#include <string>

#include "index/collection/live_store.h"
#include "retrieval/api/administrator.h"

namespace foraker::retrieval {

struct LocalAdministratorOptions {
  // Attach takes directories below it alone; empty: any (the command line on its own machine).
  std::string import_root;
};

std::unique_ptr<Administrator> MakeLocalAdministrator(std::shared_ptr<index::LiveStore> store,
                                                      LocalAdministratorOptions options = {});

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_
