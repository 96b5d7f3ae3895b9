// A search for passages, as other systems ask for it: a text in, the best documents out, of each
// its best passage.
//
// Pure functions.

#ifndef FORAKER_SERVICES_HTTP_PASSAGE_SEARCH_H_
#define FORAKER_SERVICES_HTTP_PASSAGE_SEARCH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "foraker/v1/search.pb.h"

namespace foraker::http {

inline constexpr uint32_t kMostPassages = 10'000;  // of a search (SearchRequest.page_size)

// Without a collection.
void FillPassageSearch(const std::string& query, uint32_t count, v1::SearchRequest& request);

// The part of the document's text that was found. Borrows the hit's.
std::string_view PassageText(const v1::Hit& hit);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_PASSAGE_SEARCH_H_
