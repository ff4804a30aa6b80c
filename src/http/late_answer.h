#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "http/message.h"

namespace energy::http {

/// An answer that comes after its handler has returned (Response::later): the handler's work keeps
/// a reference and completes it. When the last reference goes without that, the request is answered
/// 503 instead of waiting for ever.
///
/// Threads: safe anywhere.
class LateAnswer {
 public:
  using Receiver = std::function<void(Response)>;

  LateAnswer() = default;
  LateAnswer(const LateAnswer&) = delete;
  LateAnswer& operator=(const LateAnswer&) = delete;
  ~LateAnswer();

  /// Gives the answer; only the first one counts. Status and body are taken as they are, headers
  /// join those that the Response with `later` has. Cheap: it never writes to a socket.
  void Complete(Response answer);

  /// True once nobody waits for the answer any more: work on it is in vain. Seen within about half
  /// a second of the client's leaving. Cheap.
  bool abandoned() const { return abandoned_.load(std::memory_order_relaxed); }

  /// For the server: says so.
  void Abandon() { abandoned_.store(true, std::memory_order_relaxed); }

  /// For the server: `receiver` is called once, at once when the answer is there already, otherwise
  /// on the thread that completes.
  void OnComplete(Receiver receiver);

 private:
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;
  bool completed_ = false;          // guarded by mutex_
  std::optional<Response> answer_;  // guarded by mutex_; complete, and not yet received
  Receiver receiver_;               // guarded by mutex_
};

}  // namespace energy::http
