#pragma once
// An HTTP client whose other end is the test: it records requests and answers as it was told.
//
// An answer is made and delivered by step(), oldest request first. A request that nothing was said
// about gets GitHub's 404.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/turn_queue.h"

namespace tokman {

struct HttpCall {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers;
  std::string authorization;
  std::string body;
  std::string ca_file;
  std::string proxy;
};

HttpResponse github_answer(int status, std::string_view body,
                           std::map<std::string, std::string> headers = {});
// {"message": …}, and a request id.
HttpResponse github_refusal(int status, const std::string& message);

class FakeHttpClient final : public HttpClient {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpCall&)>;

  [[nodiscard]] OperationPtr start(HttpRequest request, Callback callback) override;

  // Answers requests for which there is no answer_once().
  void answer_all(Answer answer) { otherwise_ = std::move(answer); }
  // Answers one request; said again, the one after it. `what` is "METHOD url".
  void answer_once(const std::string& what, Answer answer);
  void answer_once(const std::string& what, int status, const std::string& body);

  // Leaves requests without an answer until it is set back.
  bool is_hanging = false;

  bool step() { return !is_hanging && turns_.step(); }

  const std::vector<HttpCall>& calls() const { return calls_; }
  // How many requests there were whose "METHOD url" contains `what`.
  int count(std::string_view what) const;

 private:
  Result<HttpResponse> make_answer(const HttpCall& call);

  std::vector<HttpCall> calls_;
  std::multimap<std::string, Answer> once_;
  Answer otherwise_;
  TurnQueue turns_;
};

}  // namespace tokman
