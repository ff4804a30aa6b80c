#pragma once

#include <functional>

#include "api/envelope.h"
#include "base/worker_pool.h"
#include "http/message.h"

namespace energy::api {

/// Runs `handler` on `pool`, for the actor of this thread (audit::Acting), and answers when it has
/// ended; the thread of the request goes on at once. 503 with Retry-After when the pool's queue is
/// full. `request` is copied.
http::Response AnswerOn(base::WorkerPool& pool, const http::Request& request,
                        const Envelope& envelope,
                        std::function<http::Response(http::Request&)> handler);

}  // namespace energy::api
