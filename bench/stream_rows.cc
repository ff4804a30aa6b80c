/// A year of raw readings as one answer: what it takes of the server's memory, and whether the work
/// ends with the client.

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/time_text.h"
#include "bench.h"
#include "dataset.h"
#include "platform_server.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr double kMostMib = 24;    // blocks of the store's cache, buffers of the allocator
constexpr double kMostCpuS = 0.1;  // of the second after the client has left
constexpr size_t kPartBytes = 8 << 20;

// Raw readings of a year are kept, and sealed soon after the load: what is not sealed is copied for
// a read.
const ChildProcess::Environment kArchive{{"ENERGY_SERIES__SEAL_AGE_S", "5"},
                                         {"ENERGY_SERIES__RETENTION_DAYS", "0"},
                                         {"ENERGY_SERIES__HOURLY_RETENTION_DAYS", "0"},
                                         {"ENERGY_SERIES__DAILY_RETENTION_DAYS", "0"}};

struct Streamed {
  double seconds = 0;
  double bytes = 0;
  double before_mib = 0;
  double most_mib = 0;
  double after_mib = 0;
};

base::Result<Socket> Ask(const PlatformServer& server, const DataSet& data) {
  ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(server.http_port()));
  ENERGY_RETURN_IF_ERROR(socket.SendAll(
      "GET /api/data/telemetry/D1?all=true&start=" + base::FormatTimestamp(data.start) +
      "&end=" + base::FormatTimestamp(data.end) +
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/csv\r\nAuthorization: " +
      server.authorization() + "\r\n\r\n"));
  return socket;
}

base::Result<Streamed> StreamAll(PlatformServer& server, const DataSet& data) {
  Streamed streamed;
  streamed.before_mib = server.process().Mebibytes();
  const uint64_t begin = NowNs();
  ENERGY_ASSIGN_OR_RETURN(const Socket socket, Ask(server, data));
  size_t bytes = 0;
  size_t next = kPartBytes;
  // The last chunk of the answer is empty.
  for (std::string end; !end.ends_with("\r\n0\r\n\r\n");) {
    ENERGY_ASSIGN_OR_RETURN(const std::string piece, socket.ReceiveSome());
    end = (end + piece)
              .substr(end.size() + piece.size() - std::min<size_t>(16, end.size() + piece.size()));
    bytes += piece.size();
    if (bytes < next) continue;
    next += kPartBytes;
    streamed.most_mib = std::max(streamed.most_mib, server.process().Mebibytes());
  }
  streamed.seconds = static_cast<double>(NowNs() - begin) / 1e9;
  streamed.bytes = static_cast<double>(bytes);
  streamed.after_mib = server.process().Mebibytes();
  return streamed;
}

// Processor time of the second after a client has left in the middle of its answer.
base::Result<double> CpuAfterLeaving(PlatformServer& server, const DataSet& data) {
  {
    ENERGY_ASSIGN_OR_RETURN(const Socket socket, Ask(server, data));
    ENERGY_RETURN_IF_ERROR(socket.Receive(kPartBytes).status());
  }
  // The server notices at its next write.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const double before = server.process().CpuSeconds();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return server.process().CpuSeconds() - before;
}

}  // namespace

base::Status BenchStream(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "stream"));
  const DataSet data =
      DataSet::UpTo(base::SystemClock().Now(), 1, std::chrono::days(365), std::chrono::seconds(5));
  ENERGY_ASSIGN_OR_RETURN(
      const auto server,
      PlatformServer::Start(options.platform(), scratch.path() / "platform", kArchive));
  ENERGY_RETURN_IF_ERROR(server->Furnish(1, 0));
  ENERGY_RETURN_IF_ERROR(PostAll(*server, data, 1));
  ENERGY_RETURN_IF_ERROR(server->Settle());
  server->process().AwaitIdle();
  ENERGY_ASSIGN_OR_RETURN(const Streamed streamed, StreamAll(*server, data));
  ENERGY_ASSIGN_OR_RETURN(const double cpu_s, CpuAfterLeaving(*server, data));
  std::printf(
      "\n## A year of raw readings as one answer\n\n%s readings, %.0f MB of CSV in %.2f s; memory "
      "%.0f MiB before, %.0f MiB at most, %.0f MiB after. In the second after a client left in the "
      "middle the server took %.2f s of processor time.\n",
      Thousands(static_cast<double>(data.readings())).c_str(), streamed.bytes / 1e6,
      streamed.seconds, streamed.before_mib, streamed.most_mib, streamed.after_mib, cpu_s);
  verdicts.Within({"memory that a year of raw readings takes as it is sent",
                   streamed.most_mib - streamed.before_mib, "MiB", Better::kLower},
                  kMostMib);
  verdicts.Within({"processor time after its client has left", cpu_s, "s", Better::kLower},
                  kMostCpuS);
  return {};
}

}  // namespace energy::bench
