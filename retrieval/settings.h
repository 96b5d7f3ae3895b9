// Settings of a collection: how its text became vectors (fixed when it is created or rebuilt), how
// its queries are weighed and its writes kept (changed at any time without touching a segment).
// Stored by the index as opaque JSON (ToJson / FromJson); unknown keys and values out of range are
// kInvalidArgument.

#ifndef FORAKER_RETRIEVAL_SETTINGS_H_
#define FORAKER_RETRIEVAL_SETTINGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/api/query_encoding.h"

namespace foraker::retrieval {

// The reference length of a collection that is created empty and so has nothing to measure: stems
// of a mean passage, averaged over six collections of papers, web pages and encyclopedia articles
// (41 to 112).
inline constexpr float kTypicalReferenceLength = 73;

// In which arithmetic a neural encoder computes. kAuto becomes one of the others when a collection
// is created.
enum class EncoderPrecision { kAuto, kF32, kInt8 };

struct DocumentSide {
  // "bm25", "vectors" for imported vectors, else the directory of a neural encoder.
  std::string encoder = "bm25";
  // Neural encoders. The fingerprint of model and idf table, set at creation; directories may move,
  // it may not change.
  std::string encoder_fingerprint;
  std::string encoder_idf;  // idf.json beside the model; "": the model's own table
  EncoderPrecision precision = EncoderPrecision::kAuto;
  uint32_t max_encoder_tokens = 512;  // of title and passage; the model's own limit if that is less
  float learned_share =
      1;              // keep a passage's largest learned weights up to this share of their sum
  bool stems = true;  // stems beside the learned terms
  std::string language = "english";  // analyzer: a Snowball language, or "none"
  std::string stemmer = "porter";    // Snowball algorithm; "" with language none
  bool stop_words = true;
  uint32_t passage_tokens = 256;  // 0: documents are not cut
  // BM25's saturation and length weight. Mean nDCG@10 of six collections .5582; Lucene's usual
  // .9 and .4 give .5509, the textbook's 1.2 and .75 .5576.
  float k1 = 1.2f;
  float b = 0.6f;
  float reference_length = 0;  // stems of an average passage; fixed at creation, > 0 once built
  bool titles = true;          // index title terms
  bool positions = true;
  // Output of the analyzer on a fixed probe text (hex of XXH3-64): differs when ICU or the stemmer
  // changed under a collection.
  std::string fingerprint;

  friend bool operator==(const DocumentSide&, const DocumentSide&) = default;
};

enum class IdfMode { kAuto, kManual };

// Where the idf of learned tokens comes from: the collection's frequencies with the encoder's table
// as a prior of prior_strength passages, the collection alone, the encoder's table alone.
enum class IdfSource { kBlend, kCollection, kEncoder };

struct QuerySide {
  IdfMode idf = IdfMode::kAuto;
  IdfSource idf_source = IdfSource::kBlend;
  QueryEncoding query_encoding = QueryEncoding::kTable;
  // Weight of the shipped stem table, in passages. Idf from none, 200 and 1,000 documents of six
  // collections ranks all of them at nDCG@10 .5012, .5451, .5530 with it, .4754, .5423, .5520
  // without; larger collections outgrow it.
  float prior_strength = 100;
  // Factor on the stems' idf. Beside learned terms its optimum is flat: mean nDCG@10 of six
  // collections .5889, .5896, .5887, .5883, .5884, .5872 with .5, .8, 1, 1.2, 1.5 and 2, R@100
  // .7386, .7407, .7419, .7413, .7420, .7411; .5747 and .7293 without stems.
  float stem_weight = 1.0f;
  // Weight of titles that a text mentions. .5 lifts nDCG@10 on questions about titled articles
  // (hotpotqa-dev .762 to .806, musique-dev .469 to .526) and changes the others by < .001.
  float title_weight = 0.0f;

  friend bool operator==(const QuerySide&, const QuerySide&) = default;
};

struct WriteSide {
  // Sync the log with every commit; else the system does, and a crash of the machine (not of the
  // process) may take the last seconds.
  bool sync = true;

  friend bool operator==(const WriteSide&, const WriteSide&) = default;
};

// Of a collection that a rebuild made: what it was made of. It holds everything that was written
// there up to the sequence number.
struct Origin {
  std::string collection;
  uint64_t sequence = 0;

  friend bool operator==(const Origin&, const Origin&) = default;
};

// The names of the choices, as settings and command line have them.
inline constexpr std::pair<const char*, EncoderPrecision> kPrecisionNames[] = {
    {"auto", EncoderPrecision::kAuto},
    {"f32", EncoderPrecision::kF32},
    {"int8", EncoderPrecision::kInt8}};
inline constexpr std::pair<const char*, IdfMode> kIdfModeNames[] = {{"auto", IdfMode::kAuto},
                                                                    {"manual", IdfMode::kManual}};
inline constexpr std::pair<const char*, IdfSource> kIdfSourceNames[] = {
    {"blend", IdfSource::kBlend},
    {"collection", IdfSource::kCollection},
    {"encoder", IdfSource::kEncoder}};
inline constexpr std::pair<const char*, QueryEncoding> kQueryEncodingNames[] = {
    {"table", QueryEncoding::kTable}, {"encoder", QueryEncoding::kEncoder}};

// The encoder is a model directory: neither built in nor absent.
bool IsNeural(const DocumentSide& settings);

struct CollectionSettings {
  DocumentSide document;
  QuerySide query;
  WriteSide writes;
  std::map<std::string, index::FieldType> fields;  // declared; others take their first value's type
  std::optional<Origin> origin;

  std::string ToJson() const;
  static absl::StatusOr<CollectionSettings> FromJson(std::string_view json);

  friend bool operator==(const CollectionSettings&, const CollectionSettings&) = default;
};

// By its name, as index::FieldTypeName gives it. kInvalidArgument lists the names.
absl::StatusOr<index::FieldType> FieldTypeOf(std::string_view name);

// What a new collection of that encoder starts with, before anything that its maker asks for.
CollectionSettings DefaultSettings(std::string_view encoder);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SETTINGS_H_
