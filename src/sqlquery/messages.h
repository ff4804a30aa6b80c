#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sqlquery/model.h"
#include "sqlquery/table.h"

namespace energy::sqlquery {

/// What server and helper say to each other, in the bytes of this machine.
enum class MessageType : uint8_t {
  kStart = 1,   ///< to the helper, once: the query
  kOpenScan,    ///< to the server: begin to read a table
  kNextBlock,   ///< to the server: the next block of a scan, ahead of its use
  kBlock,       ///< to the helper: the answer
  kScanFailed,  ///< to the helper: the answer when there is none
  kColumns,     ///< to the server, once: what the result has
  kBody,        ///< to the server: a piece of the result as JSON or CSV
  kDone,        ///< to the server, last
  kFailed,      ///< to the server, last
  kReady,       ///< to the server, first: the number of the process
};

struct StartMessage {
  Request request;
  Limits limits;
  std::vector<TableSpec> tables;
};

struct OpenScanMessage {
  uint32_t scan = 0;  ///< counted up by the helper, from 0
  uint16_t table = 0;
  std::vector<uint16_t> columns;
  ScanFilter filter;
};

/// A block of one scan; `block` without rows: its end.
struct BlockMessage {
  uint32_t scan = 0;
  Block block;
};

struct ScanFailedMessage {
  uint32_t scan = 0;
  base::Status status;
};

struct DoneMessage {
  uint64_t rows = 0;
  bool truncated = false;
};

std::string Encode(const StartMessage& message);
std::string Encode(const OpenScanMessage& message);
std::string Encode(const BlockMessage& message);
std::string Encode(const ScanFailedMessage& message);
std::string Encode(const std::vector<ResultColumn>& columns);
std::string Encode(const DoneMessage& message);
std::string Encode(const base::Status& status);
/// Of a scan or a process.
std::string EncodeNumber(uint32_t number);

/// Errors of all: kInternal when the bytes are no such message.
base::Result<StartMessage> DecodeStart(std::string_view bytes);
base::Result<OpenScanMessage> DecodeOpenScan(std::string_view bytes);
base::Result<BlockMessage> DecodeBlock(std::string_view bytes);
base::Result<ScanFailedMessage> DecodeScanFailed(std::string_view bytes);
base::Result<std::vector<ResultColumn>> DecodeColumns(std::string_view bytes);
base::Result<DoneMessage> DecodeDone(std::string_view bytes);
base::Result<uint32_t> DecodeNumber(std::string_view bytes);
/// The error that was sent; kInternal when the bytes are none.
base::Status DecodeStatus(std::string_view bytes);

}  // namespace energy::sqlquery
