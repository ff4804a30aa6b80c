#include "sqlquery/descriptors.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace energy::sqlquery {
namespace {

// A message of one byte that carries the descriptors (unix(7), SCM_RIGHTS).
struct Message {
  Message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  char byte = 0;
  iovec part{&byte, sizeof(byte)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(HelperDescriptors))> control{};
  msghdr header{};
};

}  // namespace

bool SendDescriptors(int socket, const HelperDescriptors& descriptors) {
  Message message;
  cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(descriptors));
  std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(descriptors));
  for (;;) {
    const ssize_t sent = sendmsg(socket, &message.header, MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR) return sent == 1;
  }
}

std::optional<HelperDescriptors> ReceiveDescriptors(int socket) {
  Message message;
  ssize_t got = -1;
  do {
    got = recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  if (got != 1 || rights == nullptr || rights->cmsg_type != SCM_RIGHTS ||
      rights->cmsg_len != CMSG_LEN(sizeof(HelperDescriptors))) {
    return std::nullopt;
  }
  HelperDescriptors descriptors{};
  std::memcpy(descriptors.data(), CMSG_DATA(rights), sizeof(descriptors));
  return descriptors;
}

}  // namespace energy::sqlquery
