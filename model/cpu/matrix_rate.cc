#include "model/cpu/matrix_rate.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <thread>
#include <unordered_map>

#include "model/cpu/aligned_array.h"
#include "model/cpu/cpu_engine.h"
#include "model/cpu/linear.h"

namespace foraker::model {
namespace {

using Clock = std::chrono::steady_clock;
using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

struct Shape {
  dnnl::memory::dim rows, in, out;
};

// Small enough for a core's caches, large enough that packing and edges do not count.
constexpr Shape kShapes[] = {
    {512, 512, 1024}, {512, 1024, 1024}, {1024, 256, 2048}, {2048, 1024, 512}};
constexpr std::chrono::milliseconds kTime(40);  // a shape

}  // namespace

// One product, again and again.
class MatrixRate::Product {
 public:
  Product(const Shape& shape, Precision precision)
      : operations_(2.0 * static_cast<double>(shape.rows * shape.in * shape.out)) {
    const bool int8 = precision == Precision::kInt8;
    const auto describe = [](dnnl::memory::dim rows, dnnl::memory::dim columns, DataType type,
                             Tag tag) {
      return dnnl::memory::desc({rows, columns}, type, tag);
    };
    const dnnl::memory::desc in =
        describe(shape.rows, shape.in, int8 ? DataType::u8 : DataType::f32, Tag::ab);
    const dnnl::memory::desc weights =
        describe(shape.in, shape.out, int8 ? DataType::s8 : DataType::f32, Tag::any);
    const dnnl::memory::desc out =
        describe(shape.rows, shape.out, int8 ? DataType::s32 : DataType::f32, Tag::ab);
    const dnnl::matmul::primitive_desc primitive(dnnl::matmul::desc(in, weights, out), CpuEngine());
    matmul_ = dnnl::matmul(primitive);
    for (const auto& [argument, desc] :
         {std::pair(DNNL_ARG_SRC, in), std::pair(DNNL_ARG_WEIGHTS, primitive.weights_desc()),
          std::pair(DNNL_ARG_DST, out)}) {
      AlignedArray<std::byte>& bytes = memory_.emplace_back(desc.get_size());
      std::memset(bytes.data(), 0x3c, desc.get_size());  // as floats: .0115
      arguments_.emplace(argument, dnnl::memory(desc, CpuEngine(), bytes.data()));
    }
  }

  double operations() const { return operations_; }
  void Run() {
    matmul_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  const double operations_;
  dnnl::matmul matmul_;
  dnnl::stream stream_{CpuEngine()};
  std::vector<AlignedArray<std::byte>> memory_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

MatrixRate::MatrixRate(Precision precision, size_t threads) {
  const OneThread one_thread;
  for (const Shape& shape : kShapes) {
    auto& products = products_.emplace_back();
    for (size_t t = 0; t < threads; ++t) {
      products.push_back(std::make_unique<Product>(shape, precision));
    }
  }
}

MatrixRate::~MatrixRate() = default;

double MatrixRate::Measure() {
  double best = 0;
  for (size_t shape = 0; shape < products_.size(); ++shape) best = std::max(best, Measure(shape));
  return best;
}

double MatrixRate::Measure(size_t shape) {
  const auto& products = products_[shape];
  std::vector<double> rates(products.size());
  const auto work = [&](size_t t) {
    const OneThread one_thread;
    products[t]->Run();  // warms the caches
    const Clock::time_point start = Clock::now();
    double operations = 0;
    Clock::duration spent{};
    while (spent < kTime) {
      products[t]->Run();
      operations += products[t]->operations();
      spent = Clock::now() - start;
    }
    rates[t] = operations / std::chrono::duration<double>(spent).count();
  };
  {
    std::vector<std::jthread> threads;
    for (size_t t = 1; t < products.size(); ++t) threads.emplace_back(work, t);
    work(0);
  }
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

}  // namespace foraker::model
