// How a query's learned terms are weighed.

#ifndef FORAKER_RETRIEVAL_API_QUERY_ENCODING_H_
#define FORAKER_RETRIEVAL_API_QUERY_ENCODING_H_

namespace foraker::retrieval {

enum class QueryEncoding {
  kTable,    // a look-up: each token of the text with its idf
  kEncoder,  // the document encoder's own weights for the text, expansion included
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_QUERY_ENCODING_H_
