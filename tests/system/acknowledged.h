#pragma once
// What a process said before it was killed, and so what must be in its store.
//
// A line for each change before it is asked for, and one when it is acknowledged. What was asked
// for and not acknowledged may have happened or not.
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "daemon/domain/access/access_token.h"

namespace tokman {

class Acknowledged {
 public:
  struct Known {
    std::string parent;
    std::optional<UnixTime> expires;
    std::string name;
    bool is_gone = false;
  };

  // What each line says, as the process writes it.
  static std::string made(const AccessTokenInfo& info) {
    const auto end = info.expires ? info.expires->time_since_epoch().count() : 0;
    return "made " + info.key + " " + std::to_string(end) + " " +
           (info.parent.empty() ? "-" : info.parent) + " " + (info.name.empty() ? "-" : info.name);
  }
  static std::string renaming(const std::string& key) { return "renaming " + key; }
  static std::string renamed(const AccessTokenInfo& info) {
    return "renamed " + info.key + " " + info.name;
  }
  static std::string deleting(const std::string& key) { return "deleting " + key; }
  static std::string deleted(const std::string& key) { return "deleted " + key; }
  static std::string expiring(UnixTime now) { return "expiring " + seconds(now); }
  static std::string expired(UnixTime now) { return "expired " + seconds(now); }

  void hear(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    std::string key;
    words >> what >> key;
    if (what == "made") return hear_made(key, words);
    if (what == "renaming") renaming_.insert(key);
    if (what == "renamed") hear_renamed(key, words);
    if (what == "deleting") deleting_.insert(key);
    if (what == "deleted") hear_deleted(key);
    if (what == "expiring") expiring_ = time(key);
    if (what == "expired") hear_expired(time(key));
  }

  const std::map<std::string, Known>& tokens() const { return tokens_; }
  // Whether it may be gone, though nobody was told so.
  bool may_be_gone(const std::string& key) const {
    for (std::string at = key; !at.empty(); at = tokens_.at(at).parent) {
      const auto token = tokens_.find(at);
      if (token == tokens_.end()) return true;
      const auto& expires = token->second.expires;
      if (deleting_.contains(at) || (expiring_ && expires && *expires <= *expiring_)) return true;
    }
    return false;
  }
  bool may_have_another_name(const std::string& key) const { return renaming_.contains(key); }

 private:
  static std::string seconds(UnixTime time) {
    return std::to_string(time.time_since_epoch().count());
  }
  static UnixTime time(const std::string& seconds) {
    return UnixTime(std::chrono::seconds(std::strtoll(seconds.c_str(), nullptr, 10)));
  }

  void hear_made(const std::string& key, std::istringstream& words) {
    Known& known = tokens_[key];
    std::string expires;
    words >> expires >> known.parent >> known.name;
    if (expires != "0") known.expires = time(expires);
    if (known.parent == "-") known.parent.clear();
    if (known.name == "-") known.name.clear();
  }
  void hear_renamed(const std::string& key, std::istringstream& words) {
    renaming_.erase(key);
    words >> tokens_[key].name;
  }
  void hear_deleted(const std::string& key) {
    deleting_.erase(key);
    end(key);
  }
  void hear_expired(UnixTime now) {
    expiring_.reset();
    std::set<std::string> over;
    for (const auto& [key, known] : tokens_) {
      if (known.expires && *known.expires <= now) over.insert(key);
    }
    for (const std::string& key : over) end(key);
  }
  void end(const std::string& key) {
    tokens_[key].is_gone = true;
    for (auto& [other, known] : tokens_) {
      if (known.parent == key && !known.is_gone) end(other);
    }
  }

  std::map<std::string, Known> tokens_;
  std::set<std::string> renaming_;
  std::set<std::string> deleting_;
  std::optional<UnixTime> expiring_;
};

}  // namespace tokman
