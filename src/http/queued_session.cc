#include "http/queued_session.h"

#include <algorithm>

namespace energy::http {
namespace {

constexpr size_t kMaxReasonBytes = 123;  // RFC 6455 §5.5: 125 for the frame, 2 for the code

bool IsSendable(uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

std::string CutReason(std::string_view reason) {
  size_t size = std::min(reason.size(), kMaxReasonBytes);
  // Not inside a UTF-8 sequence.
  while (size < reason.size() && size > 0 &&
         (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) {
    --size;
  }
  return std::string(reason.substr(0, size));
}

}  // namespace

QueuedSession::QueuedSession(size_t limit, std::function<std::string(uint64_t)> missed_message,
                             std::function<void()> wake, prometheus::Counter* dropped)
    : limit_(std::max<size_t>(limit, 1)),
      missed_message_(std::move(missed_message)),
      wake_(std::move(wake)),
      dropped_(dropped) {}

WebSocketSession::SendResult QueuedSession::Send(std::shared_ptr<const std::string> text) {
  std::lock_guard lock(mutex_);
  if (closing_ || !wake_ || !text) return SendResult::kClosed;
  SendResult result = SendResult::kQueued;
  if (queue_.size() >= limit_) {
    queue_.pop_front();
    ++missed_;
    if (dropped_ != nullptr) dropped_->Increment();
    result = SendResult::kDroppedOldest;
  }
  queue_.push_back(std::move(text));
  if (!awake_) wake_();
  awake_ = true;
  return result;
}

void QueuedSession::Close(uint16_t code, std::string_view reason) {
  std::lock_guard lock(mutex_);
  if (closing_ || !wake_) return;
  closing_ = true;
  close_code_ = IsSendable(code) ? code : uint16_t{1011};
  close_reason_ = CutReason(reason);
  // Even if awake: the connection may be stuck in a write and has to start its deadline.
  wake_();
  awake_ = true;
}

bool QueuedSession::open() const {
  std::lock_guard lock(mutex_);
  return !closing_ && wake_ != nullptr;
}

QueuedSession::Next QueuedSession::Take() {
  std::unique_lock lock(mutex_);
  Next next;
  if (missed_ > 0 && !queue_.empty()) {
    const uint64_t missed = std::exchange(missed_, 0);
    if (missed_message_) {
      lock.unlock();  // foreign code
      next.text = std::make_shared<const std::string>(missed_message_(missed));
      return next;
    }
  }
  if (!queue_.empty()) {
    next.text = std::move(queue_.front());
    queue_.pop_front();
  } else if (closing_ && !close_taken_) {
    close_taken_ = true;
    next.close_code = close_code_;
    next.close_reason = close_reason_;
  } else {
    awake_ = false;
  }
  return next;
}

bool QueuedSession::closing() const {
  std::lock_guard lock(mutex_);
  return closing_;
}

bool QueuedSession::Detach() {
  std::lock_guard lock(mutex_);
  if (!wake_) return false;
  wake_ = nullptr;
  queue_.clear();
  return true;
}

}  // namespace energy::http
