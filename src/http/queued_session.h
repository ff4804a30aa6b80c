#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "http/websocket.h"

namespace energy::http {

/// Private to the module: the session's bounded queue, without a connection. The connection takes
/// messages out on its own thread; it is woken once for any number of messages.
class QueuedSession final : public WebSocketSession {
 public:
  /// `wake` is called under the session's lock, so it must neither block nor call the session; it
  /// is not called after Detach. `dropped` counts lost messages and may be null.
  QueuedSession(size_t limit, std::function<std::string(uint64_t)> missed_message,
                std::function<void()> wake, prometheus::Counter* dropped);

  SendResult Send(std::shared_ptr<const std::string> text) override;
  void Close(uint16_t code, std::string_view reason) override;
  bool open() const override;

  /// What the connection does next. At most one of the members is set; none: wait for `wake`.
  struct Next {
    std::shared_ptr<const std::string> text;
    std::optional<uint16_t> close_code;
    std::string close_reason;
  };
  Next Take();
  /// True from the call of Close on.
  bool closing() const;
  /// The connection is gone: nothing is queued or woken any more. False if it was called before.
  bool Detach();

 private:
  mutable std::mutex mutex_;
  const size_t limit_;
  const std::function<std::string(uint64_t)> missed_message_;
  std::function<void()> wake_;  // guarded by mutex_; empty when detached
  prometheus::Counter* const dropped_;
  std::deque<std::shared_ptr<const std::string>> queue_;  // guarded by mutex_
  uint64_t missed_ = 0;                                   // guarded by mutex_: not yet told
  bool awake_ = false;                                    // guarded by mutex_
  bool closing_ = false;                                  // guarded by mutex_
  bool close_taken_ = false;                              // guarded by mutex_
  uint16_t close_code_ = 0;                               // guarded by mutex_
  std::string close_reason_;                              // guarded by mutex_
};

}  // namespace energy::http
