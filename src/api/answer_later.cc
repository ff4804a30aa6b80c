#include "api/answer_later.h"

#include <memory>
#include <optional>

#include "audit/audit.h"
#include "http/late_answer.h"

namespace energy::api {

http::Response AnswerOn(base::WorkerPool& pool, const http::Request& request,
                        const Envelope& envelope,
                        std::function<http::Response(http::Request&)> handler) {
  http::Response response;
  response.later = std::make_shared<http::LateAnswer>();
  // A copy: the connection needs its own for the answer and the access log.
  const bool taken =
      pool.Submit([kept = std::make_shared<http::Request>(request), later = response.later,
                   handler = std::move(handler), actor = audit::CurrentActor()] {
        std::optional<audit::Acting> acting;
        if (actor) acting.emplace(*actor);
        // Who has left is not worth a bcrypt.
        if (!later->abandoned()) later->Complete(handler(*kept));
      });
  if (taken) return response;
  http::Response refusal =
      envelope.Error(base::Unavailable("too many requests are waiting: try again in a second"));
  refusal.SetHeader("Retry-After", "1");
  return refusal;
}

}  // namespace energy::api
