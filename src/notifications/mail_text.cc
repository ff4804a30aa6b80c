#include "notifications/mail_text.h"

#include <date/date.h>

#include <algorithm>

#include "base/base64.h"
#include "notifications/template_text.h"

namespace energy::notifications {
namespace {

constexpr size_t kLine = 76;
// Of text in an encoded word, whose limit is 75 bytes with its frame.
constexpr size_t kWord = 45;

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f; }) &&
         text.find("=?") == std::string_view::npos;
}

std::string EncodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t size = std::min(kWord, text.size());
    // Not within a character.
    while (size > 1 && size < text.size() &&
           (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
      --size;
    }
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base::EncodeBase64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string HeaderText(std::string_view text) {
  const std::string line = EscapeLine(text);
  // A plain subject is no longer than a line may be (998 bytes, RFC 5322 §2.1.1).
  return IsPlainAscii(line) && line.size() <= kLine ? line : EncodedWords(line);
}

std::string Lines(const std::string& base64) {
  std::string out;
  for (size_t at = 0; at < base64.size(); at += kLine) {
    out.append(base64, at, kLine).append("\r\n");
  }
  return out;
}

// Ends of lines as MIME wants them in text.
std::string CrLf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    if (c != '\r') out += c;
  }
  return out;
}

std::string Part(const std::string& boundary, const std::string& type, std::string_view text) {
  return "--" + boundary + "\r\nContent-Type: " + type +
         "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         Lines(base::EncodeBase64(CrLf(text)));
}

}  // namespace

std::string WriteMail(const MailText& mail) {
  // No part can hold it: they are base64.
  const std::string boundary = "=_energy_alternative";
  const std::string from = mail.from_name.empty()
                               ? mail.from
                               : EncodedWords(EscapeLine(mail.from_name)) + " <" + mail.from + ">";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(mail.date);
  return "From: " + from + "\r\nTo: " + mail.to + "\r\nSubject: " + HeaderText(mail.subject) +
         "\r\nDate: " + date::format("%a, %d %b %Y %H:%M:%S +0000", seconds) + "\r\nMessage-ID: <" +
         mail.message_id +
         ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/alternative; boundary=\"" +
         boundary + "\"\r\n\r\n" + Part(boundary, "text/plain", mail.text) +
         Part(boundary, "text/html", mail.html) + "--" + boundary + "--\r\n";
}

}  // namespace energy::notifications
