#include <lictor/c.h>
#include <stdio.h>
#include <string.h>

static lictor_text text(const char* s) { return (lictor_text){s, strlen(s)}; }

int main(void) {
  lictor_engine* engine = lictor_engine_new(NULL);
  lictor_add_module(engine, text("authz.rego"), text("package authz\nallow if input.user in data.admins"), NULL);
  lictor_add_data(engine, text("{\"admins\": [\"alice\"]}"), NULL);

  lictor_policy* policy = NULL;
  lictor_error* error = NULL;
  if (lictor_compile(engine, text("data.authz.allow"), &policy, &error) == LICTOR_ERROR) {
    fprintf(stderr, "%s\n", lictor_error_message(error));
    return 1;
  }
  char* json = NULL;
  lictor_status status = lictor_eval(policy, text("{\"user\": \"alice\"}"), &json, NULL, &error);
  puts(status == LICTOR_OK ? json : "undefined");
  lictor_free(json);
  lictor_policy_free(policy);
  lictor_engine_free(engine);
  return 0;
}
