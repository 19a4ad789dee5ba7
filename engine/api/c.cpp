// The C interface over the C++ one. Every function that may throw (out of memory) is closed off
// here.
#include "lictor/c.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "lictor/lictor.hpp"

struct lictor_engine {
  lictor::Engine engine;
};

struct lictor_policy {
  lictor::Policy policy;
};

struct lictor_error {
  std::string code;
  std::string message;
};

namespace {

std::string to_string(lictor_text text) {
  return text.size ? std::string(text.data, text.size) : std::string();
}

lictor_status fail(const char* code, std::string message, lictor_error** out) {
  if (out) *out = new (std::nothrow) lictor_error{code, std::move(message)};
  return LICTOR_ERROR;
}

lictor_status fail(const lictor::Error& error, lictor_error** out) {
  return fail(lictor::code_name(error.code), error.render(), out);
}

}  // namespace

extern "C" {

uint32_t lictor_abi_version(void) { return 1; }

lictor_engine* lictor_engine_new(void) {
  try {
    return new lictor_engine{};
  } catch (...) {
    return nullptr;
  }
}

void lictor_engine_free(lictor_engine* engine) { delete engine; }

void lictor_add_module(lictor_engine* engine, lictor_text name, lictor_text source) {
  try {
    engine->engine.add_module(to_string(name), to_string(source));
  } catch (...) {
    std::abort();
  }
}

void lictor_add_data(lictor_engine* engine, lictor_text json) {
  try {
    engine->engine.add_data(to_string(json));
  } catch (...) {
    std::abort();
  }
}

lictor_status lictor_compile(lictor_engine* engine, lictor_text entrypoint, lictor_policy** out,
                             lictor_error** error) {
  try {
    auto policy = engine->engine.compile(to_string(entrypoint));
    if (!policy) return fail(policy.error(), error);
    *out = new lictor_policy{*policy};
    return LICTOR_OK;
  } catch (const std::exception& exception) {
    return fail("eval_internal_error", exception.what(), error);
  }
}

void lictor_policy_free(lictor_policy* policy) { delete policy; }

lictor_status lictor_eval(const lictor_policy* policy, lictor_text input, char** json, size_t* size,
                          lictor_error** error) {
  try {
    auto decision = policy->policy.eval(std::string_view(input.data, input.size));
    if (!decision) return fail(decision.error(), error);
    if (decision->is_undefined()) return LICTOR_UNDEFINED;
    std::string text = decision->to_json();
    *json = static_cast<char*>(std::malloc(text.size() + 1));
    if (*json == nullptr) return fail("lictor_memory_limit", "out of memory", error);
    std::memcpy(*json, text.c_str(), text.size() + 1);
    if (size) *size = text.size();
    return LICTOR_OK;
  } catch (const std::exception& exception) {
    return fail("eval_internal_error", exception.what(), error);
  }
}

void lictor_free(void* memory) { std::free(memory); }

const char* lictor_error_code(const lictor_error* error) { return error->code.c_str(); }
const char* lictor_error_message(const lictor_error* error) { return error->message.c_str(); }
void lictor_error_free(lictor_error* error) { delete error; }

}  // extern "C"
