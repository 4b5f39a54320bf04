#include "tests/support/fake_http_client.h"

#include <algorithm>

#include "libtokman/json/value.h"

namespace tokman {
namespace {
std::string name_of(const HttpCall& call) { return call.method + " " + call.url; }
}  // namespace

HttpResponse github_answer(int status, std::string_view body,
                           std::map<std::string, std::string> headers) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = SecretBytes(body);
  return response;
}

HttpResponse github_refusal(int status, const std::string& message) {
  return github_answer(status, json::Value::object().set("message", message).dump(),
                       {{"x-github-request-id", "C0DE:1234"}});
}

OperationPtr FakeHttpClient::start(HttpRequest request, Callback callback) {
  HttpCall call{
      request.method, request.url,     request.headers, std::string(request.authorization.reveal()),
      request.body,   request.ca_file, request.proxy};
  calls_.push_back(call);
  return turns_.add([this, call = std::move(call), callback = std::move(callback)] {
    callback(make_answer(call));
  });
}

void FakeHttpClient::answer_once(const std::string& what, Answer answer) {
  once_.emplace(what, std::move(answer));
}

void FakeHttpClient::answer_once(const std::string& what, int status, const std::string& body) {
  answer_once(what, [status, body](const HttpCall&) { return github_answer(status, body); });
}

int FakeHttpClient::count(std::string_view what) const {
  return static_cast<int>(std::count_if(calls_.begin(), calls_.end(), [what](const auto& call) {
    return name_of(call).find(what) != std::string::npos;
  }));
}

Result<HttpResponse> FakeHttpClient::make_answer(const HttpCall& call) {
  if (const auto once = once_.find(name_of(call)); once != once_.end()) {
    const Answer answer = std::move(once->second);
    once_.erase(once);
    return answer(call);
  }
  return otherwise_ ? otherwise_(call) : github_refusal(404, "Not Found");
}

}  // namespace tokman
