// An array on a cache line's boundary, for rows that vector instructions and oneDNN read.
//
// Grows, never shrinks; growing discards the contents and zeroes them.

#ifndef FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_
#define FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace foraker::model {

template <typename T>
class AlignedArray {
  static_assert(std::is_trivial_v<T>);

 public:
  AlignedArray() = default;
  explicit AlignedArray(size_t size) { Reserve(size); }

  void Reserve(size_t size) {
    if (size <= size_) return;
    const size_t bytes = (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    void* memory = std::aligned_alloc(kAlignment, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    data_.reset(static_cast<T*>(memory));
    size_ = size;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kAlignment = 64;
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T[], Free> data_;
  size_t size_ = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_
