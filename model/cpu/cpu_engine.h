// Private to model/cpu: oneDNN's engine of this process.

#ifndef FORAKER_MODEL_CPU_CPU_ENGINE_H_
#define FORAKER_MODEL_CPU_CPU_ENGINE_H_

#include <oneapi/dnnl/dnnl.hpp>

namespace foraker::model {

// Thread-safe.
inline dnnl::engine& CpuEngine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_CPU_ENGINE_H_
