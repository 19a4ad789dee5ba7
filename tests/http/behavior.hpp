// What the tests' server answers, by the path of a request. The same requests in the same order
// have the same answers, so that two such servers can stand for one.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "http_server.hpp"

namespace lictor::tests {

class Behavior {
 public:
  bool operator()(const Incoming& request, Wire& wire);

 private:
  bool echo(const Incoming& request, Wire& wire) const;
  bool say(const Incoming& request, Wire& wire) const;
  bool count(const Incoming& request, Wire& wire);
  bool redirect(const Incoming& request, Wire& wire) const;
  bool raw(const Incoming& request, Wire& wire) const;
  bool slow(const Incoming& request, Wire& wire) const;
  bool endless(const Incoming& request, Wire& wire) const;

  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace lictor::tests
