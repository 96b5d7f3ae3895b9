// Random documents with everything a segment stores: ids, versions, titles, texts, fields of every
// type, vectors with and without positions, counted terms. For tests of the segment file.

#ifndef FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_
#define FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_

#include <random>
#include <string>
#include <vector>

#include "index/segment/document.h"

namespace foraker::index {

// Ids are unique; some documents have no passage, no text or no field.
std::vector<Document> FullDocuments(std::mt19937_64& random, size_t count);

// The name that tests give to a term.
std::string TestTermName(TermKey key);

// Writes a segment of them to `path`, naming every other term.
void WriteSegment(const std::string& path, const std::vector<Document>& documents);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_
