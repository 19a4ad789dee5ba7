// Certificates of two authorities, "ours" and "foreign", made with the openssl command in a folder
// of their own.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "folder.hpp"

namespace lictor::tests {

class Certificates {
 public:
  struct Files {
    std::string certificate, key;
  };

  Certificates() {
    for (const char* authority : {"ours", "foreign"})
      run("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + std::string(authority) +
          " -keyout " + path(authority, "key") + " -out " + path(authority, "pem"));
  }

  std::string authority(const std::string& name) const { return path(name, "pem"); }

  /// A certificate for names such as "IP:127.0.0.1,DNS:a.example" that is valid for a number of
  /// days; -1: until yesterday.
  Files make(const std::string& authority, const std::string& names, int days) {
    std::string name = "made" + std::to_string(++count_);
    run("req -newkey rsa:2048 -nodes -subj /CN=server -addext subjectAltName=" + names +
        " -keyout " + path(name, "key") + " -out " + path(name, "csr"));
    run("x509 -req -copy_extensions copy -in " + path(name, "csr") + " -CA " +
        path(authority, "pem") + " -CAkey " + path(authority, "key") + " -days " +
        std::to_string(days) + " -out " + path(name, "pem"));
    return {path(name, "pem"), path(name, "key")};
  }

 private:
  std::string path(const std::string& name, const std::string& ending) const {
    return folder_.path() + "/" + name + "." + ending;
  }
  static void run(const std::string& arguments) {
    std::string command = "openssl " + arguments + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }

  Folder folder_;
  int count_ = 0;
};

}  // namespace lictor::tests
