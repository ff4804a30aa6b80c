#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/service.h"
#include "base/status.h"

namespace energy::http {

class CurlTransfers;

struct MailServer {
  enum class Security {
    kNone,
    kStartTls,  ///< STARTTLS (RFC 3207), or no mail
    kTls,       ///< TLS from the first byte (RFC 8314), as on port 465
  };
  std::string host;
  uint16_t port = 587;
  Security security = Security::kStartTls;
  std::string user = {};  ///< empty: without AUTH
  std::string password = {};
  /// PEM file of the only authorities that are trusted; empty: those of the system.
  std::string ca_file = {};
};

struct Mail {
  std::string from;  ///< of the envelope
  std::string to;    ///< one recipient, so that its refusal is of it alone
  std::string data;  ///< RFC 5322, lines ended by CR LF
  /// For the whole conversation, and for its part until the connection stands.
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds connect_timeout{10'000};
};

/// How the server took or refused a mail.
struct MailAnswer {
  int code = 0;         ///< of the last reply (RFC 5321 §4.2); 250: the mail is the server's
  std::string command;  ///< what it replied to: "RCPT", "AUTH", "MAIL", "DATA"; "." for the text
  std::string text;     ///< the last line of the reply, such as "250 2.0.0 Ok: queued as 4F1"

  bool accepted() const { return code >= 200 && code < 300 && command == "."; }
};

/// Mail by SMTP, by libcurl: AUTH with what the server offers, TLS 1.2 or newer with certificates
/// that are always checked, dots at the beginning of lines doubled.
///
/// Errors: kInvalidArgument for an address or a server's name that cannot be sent; kUnavailable
///   when the server cannot be reached, is not who it should be, offers no STARTTLS, breaks off
///   without a refusal, takes too long, or the program stops. A refusal is a MailAnswer.
/// Threads: safe anywhere. Send blocks for `timeout` at most.
class Mailer final : public base::Service {
 public:
  Mailer();
  ~Mailer() override;
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  base::Result<MailAnswer> Send(const MailServer& server, const Mail& mail);

  std::string_view name() const override { return "mailer"; }
  base::Status Start() override { return {}; }
  /// Ends what is under way and refuses what comes later.
  void Stop() override;

 private:
  const std::unique_ptr<CurlTransfers> transfers_;
};

}  // namespace energy::http
