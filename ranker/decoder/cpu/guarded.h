// At the border of the CPU's code: what oneDNN or a lack of memory throws becomes a status.

#ifndef FORAKER_RANKER_DECODER_CPU_GUARDED_H_
#define FORAKER_RANKER_DECODER_CPU_GUARDED_H_

#include <new>
#include <oneapi/dnnl/dnnl.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace foraker::ranker {

template <typename Step>
absl::Status Guarded(const Step& step) {
  try {
    step();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the pass needs more memory than there is");
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) {
      return absl::ResourceExhaustedError("oneDNN: out of memory");
    }
    return absl::InternalError(absl::StrCat("oneDNN: ", error.what()));
  }
  return absl::OkStatus();
}

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_GUARDED_H_
