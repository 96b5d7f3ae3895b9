// Fixed-point products of a query weight and an impact, rounded up.
//
// A term has a factor F, its query weight x scale in 1/256 units; the product with impact m is
// floor(m F / 256) + 1, which is at least m F / 256, and 0 for m = 0. query_plan.cc chooses F so
// that all products of a query add up to at most 65,535: u16 sums never overflow.

#ifndef FORAKER_INDEX_QUERY_PRODUCT_H_
#define FORAKER_INDEX_QUERY_PRODUCT_H_

#include <cstdint>

namespace foraker::index {

using Units = uint16_t;  // a score in fixed point; upper bounds of scores are in Units

inline constexpr Units Product(uint16_t factor, uint8_t impact) {
  return impact == 0 ? Units{0} : static_cast<Units>(((uint32_t{factor} * impact) >> 8) + 1);
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_PRODUCT_H_
