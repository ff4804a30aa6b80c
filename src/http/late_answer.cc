#include "http/late_answer.h"

namespace energy::http {

LateAnswer::~LateAnswer() {
  if (!receiver_) return;
  Response given_up;
  given_up.status = 503;
  given_up.SetHeader("Retry-After", "1");
  receiver_(std::move(given_up));
}

void LateAnswer::Complete(Response answer) {
  Receiver receiver;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(completed_, true)) return;
    if (!receiver_) {
      answer_ = std::move(answer);
      return;
    }
    receiver = std::exchange(receiver_, nullptr);
  }
  receiver(std::move(answer));
}

void LateAnswer::OnComplete(Receiver receiver) {
  Response answer;
  {
    std::lock_guard lock(mutex_);
    if (!answer_) {
      receiver_ = std::move(receiver);
      return;
    }
    answer = std::move(*answer_);
    answer_.reset();
  }
  receiver(std::move(answer));
}

}  // namespace energy::http
