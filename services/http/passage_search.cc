#include "services/http/passage_search.h"

#include <algorithm>

namespace foraker::http {

void FillPassageSearch(const std::string& query, uint32_t count, v1::SearchRequest& request) {
  request.mutable_query()->set_text(query);
  request.set_page_size(count);
  request.mutable_read_mask()->add_paths("title");
  request.mutable_read_mask()->add_paths("text");
}

std::string_view PassageText(const v1::Hit& hit) {
  const std::string_view text = hit.document().text();
  const size_t begin = std::min<size_t>(hit.passage_range().begin(), text.size());
  const size_t end = std::clamp<size_t>(hit.passage_range().end(), begin, text.size());
  return text.substr(begin, end - begin);
}

}  // namespace foraker::http
