#include "http/core.h"

#include <algorithm>
#include <string>

#include "http/exchange.h"

namespace energy::http {

void BufferedRandom::Fill(std::span<unsigned char> out) {
  if (out.size() > bytes_.size()) return source_.Fill(out);
  if (out.size() > bytes_.size() - used_) {
    source_.Fill(bytes_);
    used_ = 0;
  }
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ += out.size();
}

void Loop::Add(Peer* peer) {
  std::lock_guard lock(mutex_);
  peers_.insert(peer);
}

void Loop::Remove(Peer* peer) {
  std::lock_guard lock(mutex_);
  peers_.erase(peer);
}

void Loop::Sweep(SteadyTime now) {
  std::lock_guard lock(mutex_);
  for (Peer* peer : peers_) peer->Sweep(now);
}

void Loop::Drain() {
  draining_ = true;
  std::lock_guard lock(mutex_);
  for (Peer* peer : peers_) peer->Drain();
}

void Loop::Abort() {
  std::lock_guard lock(mutex_);
  for (Peer* peer : peers_) peer->Abort();
}

const std::string& Loop::Date(base::Timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (date_.empty() || second != date_second_) {
    date_ = HttpDate(now);
    date_second_ = second;
  }
  return date_;
}

Core::Core(ServerOptions server_options, base::WorkerPool& worker_pool, const Router& routes,
           const base::Clock& time, base::Random& entropy, base::Logger logger,
           base::Metrics& metrics)
    : options(std::move(server_options)),
      workers(worker_pool),
      router(routes),
      clock(time),
      random(entropy),
      log(std::move(logger)),
      duration(metrics.Histogram("http_request_duration_seconds",
                                 "From the end of a request to the end of its answer.",
                                 base::LatencySecondsBounds())),
      connection_gauge(metrics.Gauge("http_connections", "Open connections, WebSockets included.")),
      websocket_gauge(metrics.Gauge("websocket_connections", "Open WebSockets.")),
      websocket_dropped(metrics.Counter("websocket_messages_dropped_total",
                                        "Messages that slow WebSocket readers lost.")),
      refused_connections(metrics.Counter("http_connections_refused_total",
                                          "Connections refused because there were too many.")) {
  for (size_t method = 0; method < kMethodCount; ++method) {
    for (size_t hundreds = 0; hundreds < requests[method].size(); ++hundreds) {
      // No answer has a status below 100; that slot shares the counter of 1xx.
      const std::string code_class = std::to_string(std::max<size_t>(hundreds, 1)) + "xx";
      requests[method][hundreds] = &metrics.Counter(
          "http_requests_total", "Answered requests.",
          {{"method", std::string(MethodName(static_cast<Method>(method)))}, {"code", code_class}});
    }
  }
}

void Core::Answered(const Request& request, const Response& response, SteadyTime since) {
  const auto took = clock.Steady() - since;
  const auto hundreds = static_cast<size_t>(std::clamp(response.status / 100, 0, 5));
  requests[static_cast<size_t>(request.method)][hundreds]->Increment();
  duration.Observe(std::chrono::duration<double>(took).count());
  router.Observe(request, response, took);
}

bool Core::TakePlace() {
  std::lock_guard lock(mutex_);
  if (connections_ >= options.max_connections) return false;
  ++connections_;
  connection_gauge.Increment();
  return true;
}

void Core::GivePlace() {
  std::lock_guard lock(mutex_);
  --connections_;
  connection_gauge.Decrement();
  if (connections_ == 0) none_.notify_all();
}

bool Core::WaitForNone(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, timeout, [this] { return connections_ == 0; });
}

}  // namespace energy::http
