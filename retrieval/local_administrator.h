// The Administrator over a data directory that this process writes to.
//
// What changes a collection's record goes through index::LiveCollection::Exclusively: its buffer is
// flushed and its writers wait meanwhile, searches go on. A collection that is created empty has
// nothing to measure: its reference length is kTypicalReferenceLength unless the request sets it,
// and a neural encoder is verified on a built-in text (retrieval/ingest/plausibility.h).
//
// Errors: those of retrieval/api/administrator.h.

#ifndef FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_
#define FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_

#include <cstdint>
#include <memory>
#include <string>

#include "index/collection/live_store.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/limits.h"

namespace foraker::retrieval {

struct LocalAdministratorOptions {
  // Attach and ImportSnapshot take directories below it alone; empty: any (the command line on its
  // own machine). Links are followed before it is compared.
  std::string import_root;
  RequestLimits limits;
  bool verify_encoders = true;
  uint32_t rebuild_threads = 0;  // that encode; 0: one a processor
};

std::unique_ptr<Administrator> MakeLocalAdministrator(std::shared_ptr<index::LiveStore> store,
                                                      LocalAdministratorOptions options = {});

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LOCAL_ADMINISTRATOR_H_
