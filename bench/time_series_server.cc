#include "time_series_server.h"

#include <sys/stat.h>

#include <cctype>
#include <thread>

#include "verdicts.h"

namespace energy::bench {
namespace {

constexpr std::chrono::seconds kSettleLimit{60};

// Without what a log has reserved ahead of itself.
double BytesOnDisk(const std::vector<std::filesystem::path>& folders) {
  double bytes = 0;
  for (const auto& folder : folders) {
    std::error_code gone;  // a compaction deletes files meanwhile
    for (auto at = std::filesystem::recursive_directory_iterator(folder, gone);
         !gone && at != std::filesystem::end(at); at.increment(gone)) {
      struct stat file {};
      if (lstat(at->path().c_str(), &file) == 0 && S_ISREG(file.st_mode)) {
        bytes += static_cast<double>(file.st_size);
      }
    }
  }
  return bytes;
}

}  // namespace

base::Result<std::string> Cook(http::Client& client, Recipe recipe) {
  ENERGY_ASSIGN_OR_RETURN(
      http::Response answer,
      client.Send(recipe.method, recipe.target, std::move(recipe.body), recipe.headers));
  if (answer.status < 300) return std::move(answer.body);
  return base::Unavailable(recipe.target + " answered " + std::to_string(answer.status) + ": " +
                           answer.body.substr(0, 1000));
}

base::Status WriteOver(
    const TimeSeriesServer& server, unsigned connections,
    const std::function<base::Status(unsigned connection, const PostLines&)>& work) {
  std::vector<base::Status> results(connections);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      http::Client client("127.0.0.1", server.http_port(), std::chrono::seconds(60));
      results[i] = work(i, [&](const std::string& body) {
        Recipe recipe = server.Write();
        recipe.body = body;
        return Cook(client, std::move(recipe)).status();
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const base::Status& result : results) ENERGY_RETURN_IF_ERROR(result);
  return {};
}

std::string UrlEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += Format("%%%02X", byte);
    }
  }
  return encoded;
}

base::Result<double> SettledBytes(TimeSeriesServer& server, std::chrono::seconds quiet) {
  ENERGY_RETURN_IF_ERROR(server.Settle());
  const auto until = std::chrono::steady_clock::now() + kSettleLimit;
  auto same_since = std::chrono::steady_clock::now();
  double bytes = BytesOnDisk(server.DataFolders());
  while (std::chrono::steady_clock::now() < std::min(until, same_since + quiet)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const double now = BytesOnDisk(server.DataFolders());
    if (now != bytes) same_since = std::chrono::steady_clock::now();
    bytes = now;
  }
  return bytes;
}

}  // namespace energy::bench
