#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/status.h"
#include "mqtt/hooks.h"
#include "mqtt/stored_state.h"

namespace energy::mqtt {

/// Keeps sessions, subscriptions, queued and retained messages across restarts.
class SessionStore {
 public:
  /// Who waits until a change is safe: a publish, or a reply such as SUBACK.
  struct Waiter {
    AckToken token;
    bool reply = false;
  };
  /// `safe`: the changes are on the disk, so that they survive a loss of power. False: they could
  /// not be written.
  using OnWritten = std::function<void(std::span<const Waiter> waiters, bool safe)>;
  using OnDrained = std::function<void()>;

  virtual ~SessionStore() = default;

  /// What was stored. Before Start.
  virtual const StoredState& state() const = 0;
  /// `on_written` and `on_drained` are called on the store's thread.
  virtual base::Status Start(OnWritten on_written, OnDrained on_drained) = 0;
  /// Writes what was appended and ends.
  virtual void Stop() = 0;

  /// Takes a change. Never waits for the disk. Changes are kept in the order of the calls.
  /// Threads: any.
  virtual void Append(Change change) = 0;
  /// Tells the waiter, through `on_written`, once everything appended so far is safe. Waiters are
  /// told in the order of the calls. Threads: any.
  virtual void Notify(const Waiter& waiter) = 0;
  /// So much waits to be written that no more should be taken in; `on_drained` tells the end.
  /// Threads: any.
  virtual bool Saturated() const = 0;
  /// kUnavailable while changes cannot be written: waiters are then told that they are not safe.
  /// Threads: any.
  virtual base::Status health() const = 0;
};

}  // namespace energy::mqtt
