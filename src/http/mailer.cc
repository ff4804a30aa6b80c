#include "http/mailer.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "http/curl_transfer.h"

namespace energy::http {
namespace {

bool IsSendable(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '<' && c != '>';
  });
}

bool IsHost(std::string_view text) {
  return IsSendable(text) && text.find_first_of("/?#@\\") == std::string_view::npos;
}

/// One mail from its beginning to its end.
class Conversation {
 public:
  Conversation(const MailServer& server, const Mail& mail) : mail_(mail) {
    const bool tls = server.security == MailServer::Security::kTls;
    const bool v6 = server.host.find(':') != std::string::npos;
    url_ = (tls ? "smtps://" : "smtp://") + (v6 ? "[" + server.host + "]" : server.host) + ":" +
           std::to_string(server.port);
    transfer_.SetCommon(mail.timeout, mail.connect_timeout, server.ca_file);
    transfer_.Set(CURLOPT_URL, url_.c_str());
    transfer_.Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (server.security == MailServer::Security::kStartTls) {
      transfer_.Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    }
    if (!server.user.empty()) {
      transfer_.Set(CURLOPT_USERNAME, server.user.c_str());
      transfer_.Set(CURLOPT_PASSWORD, server.password.c_str());
    }
    from_ = "<" + mail.from + ">";
    transfer_.Set(CURLOPT_MAIL_FROM, from_.c_str());
    Append(to_, "<" + mail.to + ">");
    transfer_.Set(CURLOPT_MAIL_RCPT, to_.get());
    transfer_.Set(CURLOPT_UPLOAD, 1L);
    transfer_.Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.data.size()));
    transfer_.Set(CURLOPT_READFUNCTION, &Conversation::OnRead);
    transfer_.Set(CURLOPT_READDATA, this);
    // The only way to learn what a reply is to, and the text of it.
    transfer_.Set(CURLOPT_VERBOSE, 1L);
    transfer_.Set(CURLOPT_DEBUGFUNCTION, &Conversation::OnDebug);
    transfer_.Set(CURLOPT_DEBUGDATA, this);
  }

  base::Result<MailAnswer> Run(CurlTransfers& transfers) {
    ENERGY_ASSIGN_OR_RETURN(const CURLcode code, transfers.Run(transfer_));
    if (code == CURLE_OK) return answer_;
    // The transfer failed because the server refused, or for another reason after it had agreed.
    if (answer_.code >= 400 && code != CURLE_OPERATION_TIMEDOUT) return answer_;
    const std::string why = url_ + ": " + transfer_.ErrorText(code);
    if (code == CURLE_URL_MALFORMAT) return base::InvalidArgument(why);
    return base::Unavailable(why);
  }

 private:
  static size_t OnRead(char* to, size_t one, size_t count, void* self) {
    auto& conversation = *static_cast<Conversation*>(self);
    const std::string_view left =
        std::string_view(conversation.mail_.data).substr(conversation.sent_);
    const size_t size = std::min(one * count, left.size());
    std::memcpy(to, left.data(), size);
    conversation.sent_ += size;
    // After the text comes the reply to it.
    if (size > 0) conversation.answer_.command = ".";
    return size;
  }

  static int OnDebug(CURL* /*easy*/, curl_infotype type, char* data, size_t size, void* self) {
    auto& answer = static_cast<Conversation*>(self)->answer_;
    std::string_view line(data, size);
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (type == CURLINFO_HEADER_OUT) {
      const std::string_view verb = line.substr(0, line.find(' '));
      // The lines of a SASL exchange are no verbs: they belong to AUTH, and are secret.
      const bool is_verb = !verb.empty() && verb.size() <= 8 &&
                           std::all_of(verb.begin(), verb.end(),
                                       [](unsigned char c) { return std::isupper(c) != 0; });
      // What follows the text only says goodbye.
      if (is_verb && verb != "QUIT" && answer.command != "AUTH") answer.command = verb;
      if (is_verb && (verb == "MAIL" || verb == "RCPT" || verb == "DATA")) answer.command = verb;
      if (verb == "QUIT") static_cast<Conversation*>(self)->over_ = true;
      return 0;
    }
    if (type != CURLINFO_HEADER_IN || static_cast<Conversation*>(self)->over_) return 0;
    const auto digit = [&](size_t at) {
      return line.size() > at && std::isdigit(static_cast<unsigned char>(line[at])) != 0;
    };
    if (!digit(0) || !digit(1) || !digit(2)) return 0;
    answer.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    answer.text = line;
    return 0;
  }

  const Mail& mail_;
  std::string url_;
  std::string from_;
  CurlList to_;
  MailAnswer answer_;
  size_t sent_ = 0;
  bool over_ = false;
  CurlTransfer transfer_;  // the last: its goodbye calls OnDebug
};

}  // namespace

Mailer::Mailer() : transfers_(std::make_unique<CurlTransfers>()) {}

Mailer::~Mailer() = default;

base::Result<MailAnswer> Mailer::Send(const MailServer& server, const Mail& mail) {
  if (!IsHost(server.host)) return base::InvalidArgument("the mail server has no name");
  if (!IsSendable(mail.from)) return base::InvalidArgument("the sender's address cannot be sent");
  if (!IsSendable(mail.to)) return base::InvalidArgument("the recipient's address cannot be sent");
  return Conversation(server, mail).Run(*transfers_);
}

void Mailer::Stop() { transfers_->Stop(); }

}  // namespace energy::http
