// Sets of documents or passages of one segment: roaring bitmaps, by value.
//
// CRoaring's class is global in Debian 12 and in namespace roaring in later releases; this is the
// only file that knows.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_SET_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_SET_H_

#include <roaring/roaring.hh>

namespace roaring {}

namespace foraker::index {

namespace either {
using namespace ::roaring;  // NOLINT: finds the class wherever it lives
using Class = Roaring;
}  // namespace either

using DocumentSet = either::Class;

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_SET_H_
