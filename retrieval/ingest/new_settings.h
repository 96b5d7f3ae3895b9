// The settings of a collection that is about to be made: values checked, the analyzer's and the
// encoder's fingerprints filled in, the encoder's query table saved. Batch builds, creation through
// the API and rebuilds begin here.
//
// Errors: kInvalidArgument names the setting; those of EncoderStore.

#ifndef FORAKER_RETRIEVAL_INGEST_NEW_SETTINGS_H_
#define FORAKER_RETRIEVAL_INGEST_NEW_SETTINGS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/encoder_store.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

// A reference length of 0 stays: it is to be measured.
absl::StatusOr<CollectionSettings> SettleNewSettings(const CollectionSettings& asked,
                                                     EncoderStore& encoders);

// Refused: idf from the table of an encoder that has none.
absl::Status CheckIdfSource(const CollectionSettings& settings, EncoderStore& encoders);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_NEW_SETTINGS_H_
