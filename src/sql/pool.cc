#include "sql/pool.h"

#include <pthread.h>
#include <soci/soci.h>

namespace energy::sql {
namespace {

constexpr std::chrono::milliseconds kProbeEvery{500};
constexpr std::chrono::milliseconds kProbeLimit{2000};
constexpr std::chrono::milliseconds kCutEvery{200};
// The server says first that it cancels a statement; only one that is silent is cut.
constexpr std::chrono::milliseconds kAnswerMargin{2000};

void WaitFor(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Pool::Pool(Address address, std::chrono::milliseconds wait_limit, base::Logger logger)
    : address_(std::move(address)), wait_limit_(wait_limit), logger_(std::move(logger)) {}

// The prober may wait for the cutter: it ends first, being declared last.
Pool::~Pool() = default;

std::unique_ptr<Session> Pool::MakeSession(std::chrono::milliseconds answer_limit) {
  auto session = std::make_unique<Session>();
  session->dialect = address_.dialect;
  session->logger = logger_;
  session->answer_limit = answer_limit;
  return session;
}

base::Status Pool::Open(unsigned sessions) {
  const std::chrono::milliseconds limit = address_.statement_limit;
  for (unsigned i = 0; i < sessions; ++i) {
    sessions_.push_back(MakeSession(limit.count() == 0 ? limit : limit + kAnswerMargin));
    idle_.push_back(sessions_.back().get());
    // PostgreSQL pays a process for each: those behind the first connect when they are needed.
    if (address_.dialect == Dialect::kSqlite || i + 1 == sessions) {
      ENERGY_RETURN_IF_ERROR(Connect(address_, *sessions_.back()));
    }
  }
  if (address_.dialect == Dialect::kSqlite) return {};
  probe_ = MakeSession(kProbeLimit);
  ENERGY_RETURN_IF_ERROR(Probe());
  cutter_ = std::jthread([this](const std::stop_token& stop) { CutUntil(stop); });
  prober_ = std::jthread([this](const std::stop_token& stop) { ProbeUntil(stop); });
  return {};
}

base::Result<Session*> Pool::Take() {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + wait_limit_;
  while (health_.ok() && idle_.empty()) {
    if (changed_.wait_until(lock, until) == std::cv_status::timeout && idle_.empty()) {
      return base::Unavailable("all database sessions are busy");
    }
  }
  // Not the cause: it names the server, and this may reach people outside.
  if (!health_.ok()) return base::Unavailable("PostgreSQL is away");
  Session* session = idle_.back();
  idle_.pop_back();
  return session;
}

base::Result<Session*> Pool::Borrow() {
  ENERGY_ASSIGN_OR_RETURN(Session* const session, Take());
  if (!session->broken && !session->EndedByServer()) return session;
  const base::Status connected = Connect(address_, *session);
  if (connected.ok()) return session;
  GiveBack(session);
  return connected;
}

void Pool::GiveBack(Session* session) {
  session->longer_limit.reset();
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(session);
  }
  changed_.notify_one();
}

bool Pool::EnterWriter() {
  std::unique_lock lock(mutex_);
  if (!writer_left_.wait_for(lock, wait_limit_, [this] { return !writing_; })) return false;
  writing_ = true;
  return true;
}

void Pool::LeaveWriter() {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
  }
  writer_left_.notify_one();
}

base::Status Pool::Health() {
  const std::lock_guard lock(mutex_);
  return health_;
}

base::Status Pool::Probe() {
  if (probe_->broken || probe_->EndedByServer()) {
    ENERGY_RETURN_IF_ERROR(Connect(address_, *probe_));
  }
  return RunCommand(*probe_, "SELECT 1");
}

void Pool::SetHealth(const base::Status& status) {
  bool was_ok = false;
  {
    const std::lock_guard lock(mutex_);
    was_ok = health_.ok();
    health_ = status;
  }
  if (!status.ok()) {
    // Statements under way get no answer either; those that may take longer keep their time.
    for (const auto& session : sessions_) {
      session->CutWhenOverdue(std::chrono::steady_clock::now() + session->answer_limit);
    }
  }
  if (was_ok == status.ok()) return;
  if (status.ok()) {
    logger_->info("PostgreSQL answers again");
  } else {
    logger_->error("PostgreSQL is away, statements are refused until it answers: {}",
                   status.message());
  }
  changed_.notify_all();
}

void Pool::ProbeUntil(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "sql-probe");
  while (!stop.stop_requested()) {
    WaitFor(stop, kProbeEvery);
    if (!stop.stop_requested()) SetHealth(Probe());
  }
}

void Pool::CutUntil(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "sql-cutter");
  while (!stop.stop_requested()) {
    WaitFor(stop, kCutEvery);
    const auto now = std::chrono::steady_clock::now();
    for (const auto& session : sessions_) session->CutWhenOverdue(now);
    probe_->CutWhenOverdue(now);
  }
}

}  // namespace energy::sql
