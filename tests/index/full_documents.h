// Random documents with everything a segment stores: ids, versions, titles, texts, fields of every
// type, vectors with and without positions, counted terms. For tests of the segment file.

#ifndef FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_
#define FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "index/segment/document.h"
#include "index/segment/segment.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {

// Ids are unique; some documents have no passage, no text or no field.
std::vector<Document> FullDocuments(std::mt19937_64& random, size_t count);

// The name that tests give to a term.
std::string TestTermName(TermKey key);

// Adds them to a segment, naming every other term.
void AddDocuments(const std::vector<Document>& documents, SegmentWriter& writer);

// Writes a segment of them to `path`.
void WriteSegment(const std::string& path, const std::vector<Document>& documents);
// Null after a failure, which the test then has.
std::shared_ptr<const Segment> OpenFile(const std::string& path,
                                        const std::vector<Document>& documents);
std::shared_ptr<const Segment> OpenInMemory(const std::vector<Document>& documents);

// The document as a segment gives it back (index/segment/document_reader.h).
Document StoredForm(Document document);
void ExpectSameDocument(const Document& actual, const Document& expected);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_FULL_DOCUMENTS_H_
