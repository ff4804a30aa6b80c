#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "mqtt/stored_state.h"

/// Changes as bytes: docs/formats/mqtt-sessions.md. Threads: pure.
namespace energy::mqtt {

/// One moment on both clocks: expiry is counted on the steady one and stored on the wall.
struct StoreTime {
  base::Timestamp wall;
  Message::TimePoint steady;
};

/// Appends a record with its length and checksum.
void EncodeStoreRecord(const Change& change, const StoreTime& now, std::string& out);

enum class RecordStatus : uint8_t {
  kOk,
  kEnd,      ///< nothing is left
  kTorn,     ///< the input ends within a record
  kDamaged,  ///< the checksum or the content is wrong; `size` tells where the next record begins
};

/// Takes the first record of `input`. Any input is safe. `size` becomes its length with the header.
RecordStatus DecodeStoreRecord(std::string_view input, const StoreTime& now, Change& change,
                               size_t& size);

}  // namespace energy::mqtt
