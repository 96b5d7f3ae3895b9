#include "ranker/decoder/cpu/gemm_rate.h"

#include <algorithm>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "model/cpu/aligned_array.h"
#include "model/cpu/precision.h"
#include "ranker/decoder/cpu/guarded.h"
#include "ranker/decoder/cpu/workers.h"

namespace foraker::ranker {
namespace {

using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

struct ProductShape {
  dnnl::memory::dim rows, in, out;
};

constexpr ProductShape kShapes[] = {
    {64, 1024, 256}, {256, 1024, 1024}, {1024, 1024, 1024}, {1024, 2048, 2048}};
constexpr double kOperationsARound = 4e9;  // of each thread
constexpr int kRounds = 5;

// A product with matrices of its own.
class Product {
 public:
  Product(const ProductShape& shape, bool int8)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const DataType input = int8 ? DataType::u8 : DataType::f32;
    const DataType weight = int8 ? DataType::s8 : DataType::f32;
    const DataType output = int8 ? DataType::s32 : DataType::f32;
    const dnnl::inner_product_forward::desc wanted(
        dnnl::prop_kind::forward_inference, {{shape.rows, shape.in}, input, Tag::ab},
        {{shape.out, shape.in}, weight, Tag::any}, {{shape.rows, shape.out}, output, Tag::ab});
    const dnnl::inner_product_forward::primitive_desc described(wanted, engine_);
    primitive_ = dnnl::inner_product_forward(described);
    Hold(DNNL_ARG_SRC, described.src_desc());
    Hold(DNNL_ARG_WEIGHTS, described.weights_desc());
    Hold(DNNL_ARG_DST, described.dst_desc());
  }

  void Run() { primitive_.execute(stream_, arguments_); }

 private:
  void Hold(int argument, const dnnl::memory::desc& layout) {
    // Zeros: AMX, VNNI and FMA take the same time whatever the values are.
    buffers_.emplace_back(layout.get_size());
    arguments_[argument] = dnnl::memory(layout, engine_, buffers_.back().data());
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::inner_product_forward primitive_;
  std::vector<model::AlignedArray<std::byte>> buffers_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

double RateOf(const ProductShape& shape, bool int8, Workers& workers) {
  const double operations =
      2.0 * static_cast<double>(shape.rows) * static_cast<double>(shape.in * shape.out);
  const size_t times = static_cast<size_t>(kOperationsARound / operations) + 1;
  std::vector<std::unique_ptr<Product>> products(workers.size());
  workers.Run(workers.size(), [&](size_t, size_t item) {
    products[item] = std::make_unique<Product>(shape, int8);
    products[item]->Run();
  });
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const absl::Time start = absl::Now();
    workers.Run(workers.size(), [&](size_t, size_t item) {
      for (size_t i = 0; i < times; ++i) products[item]->Run();
    });
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    const double done = operations * static_cast<double>(times * workers.size());
    best = std::max(best, done / seconds);
  }
  return best;
}

}  // namespace

absl::StatusOr<double> MeasuredGemmRate(Precision precision, uint32_t threads) {
  const bool int8 = precision == Precision::kInt8;
  if (int8 && !model::Supports(model::Precision::kInt8)) {
    return absl::FailedPreconditionError("int8 needs a processor with VNNI");
  }
  double best = 0;
  const absl::Status status = Guarded([&] {
    Workers workers(std::max(threads, 1u));
    for (const ProductShape& shape : kShapes) best = std::max(best, RateOf(shape, int8, workers));
  });
  if (!status.ok()) return status;
  return best;
}

}  // namespace foraker::ranker
