#include "libtokman/base/descriptor_message.h"

#include <sys/socket.h>

#include <cstring>

namespace tokman {

ssize_t send_with_descriptor(int socket, std::string_view bytes, const Fd& descriptor, int flags) {
  if (!descriptor.valid()) {
    return ::send(socket, bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
  }
  const int number = descriptor.get();
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof number)] = {};
  iovec content{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof number);
  std::memcpy(CMSG_DATA(header), &number, sizeof number);
  return ::sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

}  // namespace tokman
