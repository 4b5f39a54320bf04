#include "daemon/platform/uv/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

constexpr std::size_t kQueueBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kMoreThanASocketTakes = 1024 * 1024;

// A stream, and the other end of its connection as a plain descriptor.
struct Connection final : Stream::Events {
  Connection() {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
    peer = Fd(ends[1]);
    stream = std::make_unique<Stream>(loop, Fd(ends[0]), *this, kQueueBytesMax);
  }

  void on_data(std::string_view bytes) override {
    received += bytes;
    last_view = bytes;
    if (takes_descriptors) descriptor = stream->take_descriptor();
    after_event();
  }
  void on_end() override {
    ++ends_seen;
    after_event();
  }
  void on_error(Error error) override {
    ++errors_seen;
    last_error = std::move(error);
    after_event();
  }
  void on_drained() override {
    ++drains_seen;
    after_event();
  }
  void after_event() {
    if (destroy_in_event) stream.reset();
    loop.stop();
  }

  void peer_sends(std::string_view bytes) {
    assert_int_equal(send(peer.get(), bytes.data(), bytes.size(), 0), bytes.size());
  }
  // With the reading end of a pipe, once or more; gives the other end.
  Fd peer_sends_descriptors(std::string_view bytes, std::size_t count = 1) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const Fd read_end(ends[0]);
    const std::vector<int> fds(count, read_end.get());
    std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
    iovec data{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), count * sizeof(int));
    assert_int_equal(sendmsg(peer.get(), &message, 0), bytes.size());
    return Fd(ends[1]);
  }
  // At most as much as one message brings, and the descriptor that came with it.
  std::string peer_receives(std::size_t size) {
    std::string bytes(size, '\0');
    std::vector<char> control(CMSG_SPACE(sizeof(int)));
    iovec data{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t received_bytes = recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC);
    descriptor.reset();
    if (received_bytes <= 0) return "";
    bytes.resize(static_cast<std::size_t>(received_bytes));
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message); header != nullptr) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header), sizeof number);
      descriptor.reset(number);
    }
    return bytes;
  }
  // A pipe that no one can read from any more.
  static bool is_closed_elsewhere(const Fd& write_end) {
    pollfd pipe{write_end.get(), POLLOUT, 0};
    return poll(&pipe, 1, 0) == 1 && (pipe.revents & POLLERR) != 0;
  }
  // Everything that is there at the moment.
  std::string peer_reads() {
    std::string all;
    char buffer[65536];
    for (ssize_t size; (size = recv(peer.get(), buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(size));
    }
    return all;
  }

  std::string peer_reads_until_drained() {
    std::string all;
    while (drains_seen == 0) {
      all += peer_reads();
      run_a_little();
    }
    return all + peer_reads();
  }

  void run_to_next_event() { loop.run_until_stopped(); }
  // Whatever is due by now has happened afterwards.
  void run_a_little() {
    int left = 5;
    OperationPtr turn;
    std::function<void()> count = [&] {
      if (--left == 0) return loop.stop();
      turn = loop.at(loop.now(), count);
    };
    turn = loop.at(loop.now(), count);
    while (left > 0) loop.run_until_stopped();
  }

  Loop loop;
  Fd peer;
  std::unique_ptr<Stream> stream;
  std::string received;
  std::string_view last_view;
  std::optional<Error> last_error;
  int ends_seen = 0;
  int errors_seen = 0;
  int drains_seen = 0;
  bool destroy_in_event = false;
  bool takes_descriptors = true;
  Fd descriptor;
};

TEST(Connection, what_the_peer_sends_arrives) {
  fixture.peer_sends("hello");
  fixture.run_to_next_event();
  assert_string_equal(fixture.received.c_str(), "hello");
}

TEST(Connection, the_bytes_are_wiped_once_they_were_told) {
  fixture.peer_sends("secret");
  fixture.run_to_next_event();
  const std::string_view left = fixture.last_view;
  assert_true(std::all_of(left.begin(), left.end(), [](char byte) { return byte == 0; }));
}

TEST(Connection, a_write_is_sent_before_it_returns) {
  fixture.stream->write("hello");
  assert_string_equal(fixture.peer_reads().c_str(), "hello");
  assert_int_equal(fixture.stream->queued_bytes(), 0);
}

TEST(Connection, a_secret_is_sent_like_any_other_text) {
  fixture.stream->write(SecretBytes("hello"));
  assert_string_equal(fixture.peer_reads().c_str(), "hello");
}

TEST(Connection, what_the_socket_does_not_take_is_sent_later) {
  const std::string large(kMoreThanASocketTakes, 'x');
  fixture.stream->write(large);
  assert_true(fixture.stream->queued_bytes() > 0);
  assert_true(fixture.peer_reads_until_drained() == large);
  assert_int_equal(fixture.stream->queued_bytes(), 0);
}

TEST(Connection, a_queued_secret_arrives_whole) {
  const std::string large(kMoreThanASocketTakes, 'x');
  fixture.stream->write(SecretBytes(large));
  assert_true(fixture.peer_reads_until_drained() == large);
}

TEST(Connection, a_write_does_not_overtake_what_is_queued) {
  fixture.stream->write(std::string(kMoreThanASocketTakes, 'x'));
  std::string read = fixture.peer_reads();  // Now the socket would take more at once.
  fixture.stream->write("end");
  read += fixture.peer_reads_until_drained();
  assert_int_equal(read.size(), kMoreThanASocketTakes + 3);
  assert_true(read.ends_with("xend"));
}

TEST(Connection, a_peer_that_leaves_too_much_unread_is_an_error_but_not_within_write) {
  fixture.stream->write(std::string(kQueueBytesMax + kMoreThanASocketTakes, 'x'));
  assert_int_equal(fixture.errors_seen, 0);
  fixture.run_to_next_event();
  assert_int_equal(fixture.errors_seen, 1);
  assert_int_equal(fixture.last_error->code, TOKMAN_E_BUSY);
  assert_int_equal(fixture.stream->queued_bytes(), 0);
}

TEST(Connection, a_peer_that_closes_is_an_end) {
  fixture.peer.reset();
  fixture.run_a_little();
  assert_int_equal(fixture.ends_seen, 1);
  assert_int_equal(fixture.errors_seen, 0);
}

TEST(Connection, what_was_sent_before_the_end_arrives_first) {
  fixture.peer_sends("last words");
  fixture.peer.reset();
  fixture.run_a_little();
  assert_string_equal(fixture.received.c_str(), "last words");
  assert_int_equal(fixture.ends_seen, 1);
}

TEST(Connection, a_peer_that_only_stopped_sending_still_gets_its_answer) {
  shutdown(fixture.peer.get(), SHUT_WR);
  fixture.run_a_little();
  assert_int_equal(fixture.ends_seen, 1);
  fixture.stream->write("answer");
  assert_string_equal(fixture.peer_reads().c_str(), "answer");
}

TEST(Connection, writing_to_a_peer_that_is_gone_is_an_error_but_not_within_write) {
  fixture.peer.reset();
  fixture.stream->pause_reading();
  fixture.stream->write("hello");
  assert_int_equal(fixture.errors_seen, 0);
  fixture.run_a_little();
  assert_int_equal(fixture.errors_seen, 1);
  assert_int_equal(fixture.last_error->code, TOKMAN_E_SYSTEM);
}

TEST(Connection, writes_after_a_failure_are_dropped) {
  fixture.peer.reset();
  fixture.stream->pause_reading();
  fixture.stream->write("hello");
  fixture.stream->write("hello again");
  fixture.run_a_little();
  assert_int_equal(fixture.errors_seen, 1);
  assert_int_equal(fixture.stream->queued_bytes(), 0);
}

TEST(Connection, a_peer_that_breaks_off_is_an_error_after_its_last_words) {
  fixture.stream->write("never read");
  fixture.peer_sends("last words");
  fixture.peer.reset();
  fixture.run_a_little();
  assert_string_equal(fixture.received.c_str(), "last words");
  assert_int_equal(fixture.errors_seen, 1);
}

TEST(Connection, nothing_arrives_while_reading_is_paused) {
  fixture.stream->pause_reading();
  fixture.peer_sends("hello");
  fixture.run_a_little();
  assert_string_equal(fixture.received.c_str(), "");
}

TEST(Connection, what_came_in_a_pause_arrives_after_it) {
  fixture.stream->pause_reading();
  fixture.peer_sends("hello");
  fixture.run_a_little();
  fixture.stream->resume_reading();
  fixture.run_to_next_event();
  assert_string_equal(fixture.received.c_str(), "hello");
}

TEST(Connection, it_may_be_destroyed_as_data_arrives) {
  fixture.destroy_in_event = true;
  fixture.peer_sends("hello");
  fixture.run_to_next_event();
  assert_null(fixture.stream.get());
}

TEST(Connection, it_may_be_destroyed_at_its_end) {
  fixture.destroy_in_event = true;
  fixture.peer.reset();
  fixture.run_to_next_event();
  assert_null(fixture.stream.get());
}

TEST(Connection, it_may_be_destroyed_on_an_error) {
  fixture.destroy_in_event = true;
  fixture.stream->write(std::string(kQueueBytesMax + kMoreThanASocketTakes, 'x'));
  fixture.run_to_next_event();
  assert_null(fixture.stream.get());
}

TEST(Connection, it_may_be_destroyed_when_drained) {
  fixture.destroy_in_event = true;
  fixture.stream->write(std::string(kMoreThanASocketTakes, 'x'));
  fixture.peer_reads_until_drained();
  assert_null(fixture.stream.get());
}

TEST(Connection, destroying_it_closes_the_connection_and_drops_what_is_queued) {
  fixture.stream->write(std::string(kMoreThanASocketTakes, 'x'));
  fixture.stream.reset();
  fixture.peer_reads();
  char byte = 0;
  assert_int_equal(recv(fixture.peer.get(), &byte, 1, 0), 0);
  assert_int_equal(fixture.drains_seen, 0);
}

TEST(Connection, a_descriptor_is_sent_with_its_bytes_and_then_closed) {
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd write_end(ends[1]);
  fixture.stream->write("hello", Fd(ends[0]));
  assert_string_equal(fixture.peer_receives(100).c_str(), "hello");
  assert_true(fixture.descriptor.valid());
  assert_false(fixture.is_closed_elsewhere(write_end));
  fixture.descriptor.reset();
  assert_true(fixture.is_closed_elsewhere(write_end));
}

TEST(Connection, a_descriptor_that_had_to_wait_comes_with_its_own_bytes) {
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd write_end(ends[1]);
  fixture.stream->write(std::string(kMoreThanASocketTakes, 'x'));
  fixture.stream->write("hello", Fd(ends[0]));
  std::string all;
  while (!fixture.descriptor.valid()) {
    const std::string more = fixture.peer_receives(65536);
    if (more.empty()) fixture.run_a_little();
    all += more;
  }
  all += fixture.peer_reads();
  assert_int_equal(all.size(), kMoreThanASocketTakes + 5);
  assert_true(all.ends_with("xhello"));
}

TEST(Connection, a_descriptor_arrives_with_the_bytes_it_was_sent_with) {
  const Fd other_end = fixture.peer_sends_descriptors("hello");
  fixture.run_to_next_event();
  assert_string_equal(fixture.received.c_str(), "hello");
  assert_true(fixture.descriptor.valid());
  assert_int_equal(write(other_end.get(), "x", 1), 1);
  char byte = 0;
  assert_int_equal(read(fixture.descriptor.get(), &byte, 1), 1);
  assert_int_equal(byte, 'x');
}

TEST(Connection, a_descriptor_is_not_left_to_children) {
  const Fd other_end = fixture.peer_sends_descriptors("hello");
  fixture.run_to_next_event();
  assert_int_equal(fcntl(fixture.descriptor.get(), F_GETFD), FD_CLOEXEC);
}

TEST(Connection, bytes_without_a_descriptor_bring_none) {
  const Fd other_end = fixture.peer_sends_descriptors("one");
  fixture.run_to_next_event();
  fixture.peer_sends("two");
  fixture.run_to_next_event();
  assert_false(fixture.descriptor.valid());
}

TEST(Connection, bytes_end_where_a_descriptor_came_with_them) {
  fixture.peer_sends("one");
  const Fd other_end = fixture.peer_sends_descriptors("two");
  fixture.peer_sends("three");
  fixture.run_to_next_event();
  assert_string_equal(fixture.received.c_str(), "onetwo");
  assert_true(fixture.descriptor.valid());
}

TEST(Connection, a_descriptor_that_no_one_takes_is_closed) {
  fixture.takes_descriptors = false;
  const Fd other_end = fixture.peer_sends_descriptors("one");
  fixture.run_to_next_event();
  fixture.peer_sends("two");
  fixture.run_to_next_event();
  assert_true(fixture.is_closed_elsewhere(other_end));
}

TEST(Connection, two_descriptors_at_once_break_the_connection) {
  const Fd other_end = fixture.peer_sends_descriptors("hello", 2);
  fixture.run_to_next_event();
  assert_int_equal(fixture.errors_seen, 1);
  assert_string_equal(fixture.received.c_str(), "");
  fixture.stream.reset();
  assert_true(fixture.is_closed_elsewhere(other_end));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Connection, what_the_peer_sends_arrives),
      RUN(Connection, the_bytes_are_wiped_once_they_were_told),
      RUN(Connection, a_write_is_sent_before_it_returns),
      RUN(Connection, a_secret_is_sent_like_any_other_text),
      RUN(Connection, what_the_socket_does_not_take_is_sent_later),
      RUN(Connection, a_queued_secret_arrives_whole),
      RUN(Connection, a_write_does_not_overtake_what_is_queued),
      RUN(Connection, a_peer_that_leaves_too_much_unread_is_an_error_but_not_within_write),
      RUN(Connection, a_peer_that_closes_is_an_end),
      RUN(Connection, what_was_sent_before_the_end_arrives_first),
      RUN(Connection, a_peer_that_only_stopped_sending_still_gets_its_answer),
      RUN(Connection, writing_to_a_peer_that_is_gone_is_an_error_but_not_within_write),
      RUN(Connection, writes_after_a_failure_are_dropped),
      RUN(Connection, a_peer_that_breaks_off_is_an_error_after_its_last_words),
      RUN(Connection, nothing_arrives_while_reading_is_paused),
      RUN(Connection, what_came_in_a_pause_arrives_after_it),
      RUN(Connection, it_may_be_destroyed_as_data_arrives),
      RUN(Connection, it_may_be_destroyed_at_its_end),
      RUN(Connection, it_may_be_destroyed_on_an_error),
      RUN(Connection, it_may_be_destroyed_when_drained),
      RUN(Connection, destroying_it_closes_the_connection_and_drops_what_is_queued),
      RUN(Connection, a_descriptor_is_sent_with_its_bytes_and_then_closed),
      RUN(Connection, a_descriptor_that_had_to_wait_comes_with_its_own_bytes),
      RUN(Connection, a_descriptor_arrives_with_the_bytes_it_was_sent_with),
      RUN(Connection, a_descriptor_is_not_left_to_children),
      RUN(Connection, bytes_without_a_descriptor_bring_none),
      RUN(Connection, bytes_end_where_a_descriptor_came_with_them),
      RUN(Connection, a_descriptor_that_no_one_takes_is_closed),
      RUN(Connection, two_descriptors_at_once_break_the_connection),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
