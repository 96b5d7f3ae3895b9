// Sessions of one analyzer for callers on any number of threads.

#ifndef FORAKER_MODEL_ANALYZER_SESSION_POOL_H_
#define FORAKER_MODEL_ANALYZER_SESSION_POOL_H_

#include "base/session_pool.h"
#include "model/analyzer/analyzer.h"

namespace foraker::model {

using SessionPool = base::SessionPool<Analyzer>;

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_SESSION_POOL_H_
