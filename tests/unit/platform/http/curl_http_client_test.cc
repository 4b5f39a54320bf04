#include "daemon/platform/http/curl_http_client.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libtokman/base/text.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/http/https_server.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<HttpsServer> server;

// A client, and exchanges with the server.
struct Client {
  Client() { use_limits({}); }
  ~Client() { operations.clear(); }

  void use_limits(HttpLimits limits) { client.emplace(loop, "1.2.3", limits); }

  HttpRequest get(const std::string& path) { return get_from(server->port, path); }
  HttpRequest get_from(int port, const std::string& path) {
    HttpRequest request;
    request.url = "https://localhost:" + std::to_string(port) + path;
    request.ca_file = server->file("ca.pem");
    return request;
  }
  HttpRequest post(const std::string& path) {
    HttpRequest request = get(path);
    request.method = "POST";
    request.body = "content";
    return request;
  }

  void start(HttpRequest request) {
    ++running;
    operations.push_back(client->start(std::move(request), [this](Result<HttpResponse> result) {
      results.push_back(std::move(result));
      if (--running == 0) loop.stop();
    }));
  }
  void run_to_the_end() {
    while (running > 0) loop.run_until_stopped();
  }
  void run_for(std::chrono::milliseconds duration) {
    bool over = false;
    const OperationPtr end = loop.at(loop.now() + duration, [&] {
      over = true;
      loop.stop();
    });
    while (!over) loop.run_until_stopped();
  }
  HttpResponse& answer_to(HttpRequest request) {
    start(std::move(request));
    run_to_the_end();
    if (!results.back().ok()) print_error("%s\n", results.back().error().message.c_str());
    assert_true(results.back().ok());
    return results.back().value();
  }
  std::string text_of(HttpRequest request) {
    return std::string(answer_to(std::move(request)).body.reveal());
  }
  std::string error_of(HttpRequest request) {
    start(std::move(request));
    run_to_the_end();
    assert_false(results.back().ok());
    assert_int_equal(results.back().error().code, TOKMAN_E_UPSTREAM_DOWN);
    return results.back().error().message;
  }
  std::int64_t figure(const std::string& name) {
    return parse_int(text_of(get("/figure/" + name))).value_or(-1);
  }

  Loop loop;
  std::optional<CurlHttpClient> client;
  std::vector<OperationPtr> operations;
  std::vector<Result<HttpResponse>> results;
  int running = 0;
};

void assert_contains(const std::string& text, const std::string& part) {
  const bool contains = text.find(part) != std::string::npos;
  if (!contains) print_error("\"%s\" lacks \"%s\"\n", text.c_str(), part.c_str());
  assert_true(contains);
}
void assert_lacks(const std::string& text, const std::string& part) {
  const bool contains = text.find(part) != std::string::npos;
  if (contains) print_error("\"%s\" contains \"%s\"\n", text.c_str(), part.c_str());
  assert_false(contains);
}

TEST(Client, a_get_is_answered) {
  const HttpResponse& answer = fixture.answer_to(fixture.get("/hello"));
  assert_int_equal(answer.status, 200);
  assert_true(answer.body.reveal() == "hello");
}

TEST(Client, names_of_headers_are_small_and_the_last_of_equals_counts) {
  const HttpResponse& answer = fixture.answer_to(fixture.get("/hello"));
  assert_string_equal(answer.headers.at("x-name").c_str(), "two");
}

TEST(Client, headers_of_an_interim_answer_do_not_count) {
  const HttpResponse& answer = fixture.answer_to(fixture.get("/interim"));
  assert_int_equal(answer.status, 200);
  assert_int_equal(answer.headers.count("x-early"), 0);
}

TEST(Client, a_post_carries_its_body_and_headers) {
  HttpRequest request = fixture.post("/echo");
  request.headers["Accept"] = "application/vnd.github+json";
  const std::string echo = fixture.text_of(std::move(request));
  assert_true(echo.starts_with("POST"));
  assert_contains(echo, "\naccept: application/vnd.github+json");
  assert_true(echo.ends_with("\ncontent"));
}

TEST(Client, the_authorization_is_sent) {
  HttpRequest request = fixture.get("/echo");
  request.authorization = SecretBytes("Bearer abc");
  assert_contains(fixture.text_of(std::move(request)), "\nauthorization: Bearer abc");
}

TEST(Client, without_an_authorization_none_is_sent) {
  assert_lacks(fixture.text_of(fixture.get("/echo")), "authorization");
}

TEST(Client, the_user_agent_names_tokman_and_its_version) {
  assert_contains(fixture.text_of(fixture.get("/echo")), "\nuser-agent: tokman/1.2.3");
}

TEST(Client, a_refusal_is_an_answer) {
  const HttpResponse& answer = fixture.answer_to(fixture.get("/status/404"));
  assert_int_equal(answer.status, 404);
  assert_true(answer.body.reveal() == "refused");
}

TEST(Client, it_never_calls_back_before_start_has_returned) {
  fixture.start({});
  assert_int_equal(fixture.results.size(), 0);
  fixture.run_to_the_end();
  assert_int_equal(fixture.results.size(), 1);
}

TEST(Client, an_operation_may_be_destroyed_in_its_callback) {
  OperationPtr operation = fixture.client->start(fixture.get("/hello"), [&](Result<HttpResponse>) {
    operation.reset();
    fixture.loop.stop();
  });
  fixture.loop.run_until_stopped();
  assert_null(operation.get());
}

TEST(Client, an_exchange_may_begin_in_the_callback_of_another) {
  OperationPtr second;
  const OperationPtr first =
      fixture.client->start(fixture.get("/hello"), [&](Result<HttpResponse>) {
        second = fixture.client->start(fixture.get("/hello"), [&](Result<HttpResponse> result) {
          fixture.results.push_back(std::move(result));
          fixture.loop.stop();
        });
      });
  while (fixture.results.empty()) fixture.loop.run_until_stopped();
  assert_true(fixture.results[0].ok());
}

TEST(Client, a_destroyed_operation_does_not_call_back) {
  fixture.start(fixture.get("/pause/20"));
  fixture.run_for(5ms);
  fixture.operations.clear();
  fixture.run_for(30ms);
  assert_int_equal(fixture.results.size(), 0);
}

TEST(Client, one_callback_may_cancel_another_exchange) {
  fixture.start(fixture.get("/silence"));
  const OperationPtr canceller =
      fixture.client->start(fixture.get("/hello"), [&](Result<HttpResponse>) {
        fixture.operations.clear();
        fixture.loop.stop();
      });
  while (!fixture.operations.empty()) fixture.loop.run_until_stopped();
  fixture.run_for(10ms);
  assert_int_equal(fixture.results.size(), 0);
}

TEST(Client, an_unknown_authority_is_refused) {
  HttpRequest request = fixture.get("/hello");
  request.ca_file = server->file("other-ca.pem");
  assert_contains(fixture.error_of(std::move(request)), "certificate");
}

TEST(Client, by_default_the_systems_authorities_count) {
  HttpRequest request = fixture.get("/hello");
  request.ca_file = "";
  assert_contains(fixture.error_of(std::move(request)), "certificate");
}

TEST(Client, a_certificate_for_another_name_is_refused) {
  HttpRequest request = fixture.get("/hello");
  request.url = "https://127.0.0.1:" + std::to_string(server->port) + "/hello";
  assert_contains(fixture.error_of(std::move(request)), "certificate");
}

TEST(Client, tls_before_1_2_is_refused) {
  assert_contains(fixture.error_of(fixture.get_from(server->old_tls_port, "/hello")), "SSL");
}

TEST(Client, plain_http_is_refused) {
  HttpRequest request = fixture.get("/hello");
  request.url = "http://localhost:" + std::to_string(server->port) + "/hello";
  assert_contains(fixture.error_of(std::move(request)), "https");
}

TEST(Client, a_header_with_a_line_break_is_refused) {
  HttpRequest request = fixture.get("/echo");
  request.authorization = SecretBytes("Bearer abc\r\nX-Forged: yes");
  assert_contains(fixture.error_of(std::move(request)), "line break");
}

TEST(Client, a_redirect_within_the_origin_is_followed) {
  assert_string_equal(fixture.text_of(fixture.get("/redirects/3")).c_str(), "arrived");
}

TEST(Client, a_redirected_request_still_carries_its_authorization) {
  HttpRequest request = fixture.get("/redirect-to/%2Fecho");
  request.authorization = SecretBytes("Bearer abc");
  assert_contains(fixture.text_of(std::move(request)), "\nauthorization: Bearer abc");
}

TEST(Client, a_fourth_redirect_is_not_followed) {
  assert_int_equal(fixture.answer_to(fixture.get("/redirects/4")).status, 302);
}

TEST(Client, a_redirect_of_a_post_is_not_followed) {
  assert_int_equal(fixture.answer_to(fixture.post("/redirect-to/%2Fecho")).status, 301);
}

TEST(Client, a_redirect_to_another_port_is_not_followed) {
  const std::string other = "https://localhost:" + std::to_string(server->other_port) + "/hello";
  const std::int64_t before = fixture.figure("requests");
  assert_int_equal(fixture.answer_to(fixture.get("/redirect-to/" + other)).status, 301);
  assert_int_equal(fixture.figure("requests"), before + 1);
}

TEST(Client, a_redirect_to_plain_http_is_not_followed) {
  const std::string plain = "http://localhost:" + std::to_string(server->port) + "/hello";
  assert_int_equal(fixture.answer_to(fixture.get("/redirect-to/" + plain)).status, 301);
}

TEST(Client, a_redirect_to_another_host_is_not_followed) {
  const std::string other = "https://127.0.0.1:" + std::to_string(server->port) + "/hello";
  assert_int_equal(fixture.answer_to(fixture.get("/redirect-to/" + other)).status, 301);
}

TEST(Client, a_body_of_the_largest_size_is_taken) {
  fixture.use_limits({.body_bytes = 100'000});
  assert_int_equal(fixture.answer_to(fixture.get("/bytes/100000")).body.size(), 100'000);
}

TEST(Client, a_body_that_is_too_large_is_an_error) {
  fixture.use_limits({.body_bytes = 100'000});
  assert_contains(fixture.error_of(fixture.get("/bytes/100001")), "too large");
}

TEST(Client, headers_that_are_too_large_are_an_error) {
  assert_contains(fixture.error_of(fixture.get("/headers/80")), "too large");
}

TEST(Client, a_server_that_does_not_answer_in_time_is_an_error) {
  fixture.use_limits({.total = 50ms});
  assert_string_equal(fixture.error_of(fixture.get("/silence")).c_str(),
                      "localhost: no whole answer within 50ms");
}

TEST(Client, an_exchange_that_waits_for_others_runs_out_of_time_like_them) {
  fixture.use_limits({.total = 50ms, .exchanges_per_host = 1});
  for (int i = 0; i < 3; ++i) fixture.start(fixture.get("/silence"));
  fixture.run_to_the_end();
  for (const auto& result : fixture.results) assert_false(result.ok());
}

TEST(Client, a_connection_that_cannot_be_made_in_time_is_an_error) {
  fixture.use_limits({.connect = 50ms});
  assert_contains(fixture.error_of(fixture.get_from(server->silent_port, "/hello")), "imeout");
}

TEST(Client, a_server_that_refuses_connections_is_an_error) {
  HttpRequest request = fixture.get("/hello");
  request.url = "https://localhost:1/hello";
  assert_contains(fixture.error_of(std::move(request)), "localhost: ");
}

TEST(Client, a_host_that_is_unknown_is_an_error) {
  HttpRequest request = fixture.get("/hello");
  request.url = "https://no-such-host.invalid/hello";
  assert_contains(fixture.error_of(std::move(request)), "no-such-host.invalid: ");
}

TEST(Client, a_connection_that_is_reset_is_an_error) {
  assert_contains(fixture.error_of(fixture.get("/reset")), "localhost: ");
}

TEST(Client, half_a_body_is_an_error) {
  assert_contains(fixture.error_of(fixture.get("/half")), "localhost: ");
}

TEST(Client, an_answer_that_is_not_http_is_an_error) {
  assert_contains(fixture.error_of(fixture.get("/garbage")), "localhost: ");
}

TEST(Client, an_error_repeats_neither_query_nor_authorization) {
  HttpRequest request = fixture.get("/reset?code=secret");
  request.authorization = SecretBytes("Bearer secret");
  assert_lacks(fixture.error_of(std::move(request)), "secret");
}

TEST(Client, connections_are_used_again) {
  fixture.text_of(fixture.get("/hello"));
  const std::int64_t before = fixture.figure("connections");
  for (int i = 0; i < 5; ++i) fixture.text_of(fixture.get("/hello"));
  assert_int_equal(fixture.figure("connections"), before);
}

TEST(Client, fifty_at_once_are_all_answered_by_sixteen_connections_at_most) {
  const std::int64_t before = fixture.figure("connections");
  for (int i = 0; i < 50; ++i) fixture.start(fixture.get("/pause/5"));
  fixture.run_to_the_end();
  for (const auto& result : fixture.results) assert_true(result.ok());
  assert_int_equal(fixture.results.size(), 51);
  assert_in_range(fixture.figure("running_max"), 2, 16);
  assert_in_range(fixture.figure("connections") - before, 1, 16);
}

TEST(Client, a_proxy_is_used_and_does_not_see_the_authorization) {
  HttpRequest request = fixture.get("/hello");
  request.proxy = "http://127.0.0.1:" + std::to_string(server->proxy_port);
  request.authorization = SecretBytes("Bearer abc");
  const HttpResponse& answer = fixture.answer_to(std::move(request));
  assert_true(answer.body.reveal() == "hello");
  assert_int_equal(answer.headers.count("x-proxy"), 0);
  const std::string seen = server->text_of("proxy.log");
  assert_contains(seen, "CONNECT localhost:" + std::to_string(server->port));
  assert_lacks(seen, "Bearer");
}

int start_server(void**) {
  server = std::make_unique<HttpsServer>();
  return 0;
}
int stop_server(void**) {
  server.reset();
  return 0;
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Client, a_get_is_answered),
      RUN(Client, names_of_headers_are_small_and_the_last_of_equals_counts),
      RUN(Client, headers_of_an_interim_answer_do_not_count),
      RUN(Client, a_post_carries_its_body_and_headers),
      RUN(Client, the_authorization_is_sent),
      RUN(Client, without_an_authorization_none_is_sent),
      RUN(Client, the_user_agent_names_tokman_and_its_version),
      RUN(Client, a_refusal_is_an_answer),
      RUN(Client, it_never_calls_back_before_start_has_returned),
      RUN(Client, an_operation_may_be_destroyed_in_its_callback),
      RUN(Client, an_exchange_may_begin_in_the_callback_of_another),
      RUN(Client, a_destroyed_operation_does_not_call_back),
      RUN(Client, one_callback_may_cancel_another_exchange),
      RUN(Client, an_unknown_authority_is_refused),
      RUN(Client, by_default_the_systems_authorities_count),
      RUN(Client, a_certificate_for_another_name_is_refused),
      RUN(Client, tls_before_1_2_is_refused),
      RUN(Client, plain_http_is_refused),
      RUN(Client, a_header_with_a_line_break_is_refused),
      RUN(Client, a_redirect_within_the_origin_is_followed),
      RUN(Client, a_redirected_request_still_carries_its_authorization),
      RUN(Client, a_fourth_redirect_is_not_followed),
      RUN(Client, a_redirect_of_a_post_is_not_followed),
      RUN(Client, a_redirect_to_another_port_is_not_followed),
      RUN(Client, a_redirect_to_plain_http_is_not_followed),
      RUN(Client, a_redirect_to_another_host_is_not_followed),
      RUN(Client, a_body_of_the_largest_size_is_taken),
      RUN(Client, a_body_that_is_too_large_is_an_error),
      RUN(Client, headers_that_are_too_large_are_an_error),
      RUN(Client, a_server_that_does_not_answer_in_time_is_an_error),
      RUN(Client, an_exchange_that_waits_for_others_runs_out_of_time_like_them),
      RUN(Client, a_connection_that_cannot_be_made_in_time_is_an_error),
      RUN(Client, a_server_that_refuses_connections_is_an_error),
      RUN(Client, a_host_that_is_unknown_is_an_error),
      RUN(Client, a_connection_that_is_reset_is_an_error),
      RUN(Client, half_a_body_is_an_error),
      RUN(Client, an_answer_that_is_not_http_is_an_error),
      RUN(Client, an_error_repeats_neither_query_nor_authorization),
      RUN(Client, connections_are_used_again),
      RUN(Client, fifty_at_once_are_all_answered_by_sixteen_connections_at_most),
      RUN(Client, a_proxy_is_used_and_does_not_see_the_authorization),
  };
  return cmocka_run_group_tests(tests, start_server, stop_server);
}
