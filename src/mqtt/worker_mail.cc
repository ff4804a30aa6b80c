#include <algorithm>

#include "mqtt/connection.h"
#include "mqtt/worker.h"

// What other threads tell a worker.
namespace energy::mqtt {

void Worker::PostCompletions(std::span<const AckToken> tokens, PublishResult result) {
  bool post = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    const size_t before = mailbox_.completions.size();
    for (const AckToken& token : tokens) {
      if (token.io_thread == index_ && !token.inert()) {
        mailbox_.completions.push_back({token, result, false});
      }
    }
    if (mailbox_.completions.size() == before) return;
    post = !std::exchange(mailbox_.posted, true);
  }
  PostDrain(post);
}

void Worker::PostWritten(std::span<const SessionStore::Waiter> waiters, bool safe) {
  const PublishResult result = safe ? PublishResult::kSuccess : PublishResult::kImplementationError;
  bool post = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    const size_t before = mailbox_.completions.size();
    for (const SessionStore::Waiter& waiter : waiters) {
      if (waiter.token.io_thread == index_) {
        mailbox_.completions.push_back({waiter.token, result, waiter.reply});
      }
    }
    if (mailbox_.completions.size() == before) return;
    post = !std::exchange(mailbox_.posted, true);
  }
  PostDrain(post);
}

void Worker::PostWakes(std::span<const ConnectionRef> connections) {
  bool post = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    mailbox_.wakes.insert(mailbox_.wakes.end(), connections.begin(), connections.end());
    post = !std::exchange(mailbox_.posted, true);
  }
  PostDrain(post);
}

void Worker::PostDrain(bool needed) {
  if (needed) Post([](Worker& self) { self.Drain(); });
}

void Worker::Drain() {
  Mailbox& mail = drained_mailbox_;
  {
    const std::lock_guard lock(mailbox_mutex_);
    std::swap(mail, mailbox_);
    mailbox_.posted = false;
  }
  for (const Completion& completion : mail.completions) {
    const AckToken& token = completion.token;
    Connection* connection = Find({index_, token.slot, token.generation});
    if (connection == nullptr) continue;
    if (completion.reply) {
      connection->ReleaseReply(completion.result == PublishResult::kSuccess);
    } else {
      connection->CompletePublish(token.sequence, completion.result);
    }
  }
  for (const ConnectionRef& ref : mail.wakes) Wake(ref);
  mail.completions.clear();
  mail.wakes.clear();
}

void Worker::PostResume() {
  if (resume_posted_.exchange(true)) return;
  Post([](Worker& self) {
    self.resume_posted_.store(false);
    self.ResumeParked();
  });
}

// The connections of users in `names`, which is sorted.
template <class Function>
void Worker::ForUsers(const std::vector<std::string>& names, Function function) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    Connection* connection = slots_[i].connection.get();
    if (connection == nullptr || connection->username().empty()) continue;
    if (std::binary_search(names.begin(), names.end(), connection->username(), std::less<>())) {
      function(*connection);
    }
  }
}

void Worker::PostDisconnectUsers(const Names& names) {
  Post([names](Worker& self) {
    self.ForUsers(*names, [](Connection& connection) {
      connection.Disconnect(ReasonCode::kAdministrativeAction, "the credential changed");
    });
  });
}

void Worker::PostVisit(std::function<void(Connection&)> visit, std::function<void()> done) {
  Post([visit = std::move(visit), done = std::move(done)](Worker& self) {
    for (size_t i = 0; i < self.slots_.size(); ++i) {
      Connection* connection = self.slots_[i].connection.get();
      if (connection != nullptr && connection->connected()) visit(*connection);
    }
    done();
  });
}

void Worker::PostRenewUsers(const Names& names) {
  Post([names](Worker& self) {
    self.ForUsers(*names, [](Connection& connection) { connection.RenewRights(); });
  });
}

void Worker::TakeOver(const ConnectionRef& connection) {
  auto end = [connection](Worker& owner) {
    if (Connection* old = owner.Find(connection)) {
      old->Disconnect(ReasonCode::kSessionTakenOver, "the client identifier connected again");
    }
  };
  if (connection.io_thread == index_) {
    end(*this);
  } else {
    peers_[connection.io_thread]->Post(end);
  }
}

}  // namespace energy::mqtt
