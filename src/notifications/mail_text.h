#pragma once

#include <string>

#include "base/clock.h"

namespace energy::notifications {

struct MailText {
  std::string from_name;  ///< may be empty
  std::string from;
  std::string to;
  std::string subject;
  std::string text;
  std::string html;
  std::string message_id;  ///< without <>
  base::Timestamp date;
};

/// The mail as it goes over the wire (RFC 5322): both forms of the text (multipart/alternative),
/// in UTF-8 as base64, a subject that is no ASCII in encoded words (RFC 2047), lines of at most 78
/// bytes ended by CR LF, and marked as sent by a machine (RFC 3834), so that nobody's holiday
/// answers it.
std::string WriteMail(const MailText& mail);

}  // namespace energy::notifications
