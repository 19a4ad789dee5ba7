/* The C interface, a function a chapter of lictor/c.h, from C: statuses, errors, ownership. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lictor/c.h"

static int failures = 0;

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      ++failures;                                                               \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                           \
  } while (0)

static lictor_text text(const char* s) {
  lictor_text out = {s, strlen(s)};
  return out;
}

/* True if the value's JSON is `expected`. */
static int is_json(lictor_value value, const char* expected) {
  char* json = lictor_value_json(value);
  int same = json != NULL && strcmp(json, expected) == 0;
  if (!same) fprintf(stderr, "got %s, expected %s\n", json ? json : "(null)", expected);
  lictor_free(json);
  return same;
}

/* True if there is an error of that code whose message has `part`; frees it. */
static int is_error(lictor_error* error, const char* code, const char* part) {
  int same = error != NULL && strcmp(lictor_error_code(error), code) == 0 &&
             strstr(lictor_error_message(error), part) != NULL;
  if (!same) fprintf(stderr, "got %s\n", error ? lictor_error_message(error) : "no error");
  lictor_error_free(error);
  return same;
}

static lictor_policy* compiled(lictor_engine* engine, const char* module, const char* entrypoint) {
  lictor_policy* policy = NULL;
  lictor_error* error = NULL;
  CHECK(lictor_add_module(engine, text("a.rego"), text(module), &error) == LICTOR_OK);
  if (lictor_compile(engine, text(entrypoint), &policy, &error) != LICTOR_OK) {
    fprintf(stderr, "%s\n", lictor_error_message(error));
    exit(1);
  }
  return policy;
}

static void values(void) {
  lictor_builder* builder = lictor_builder_new();
  lictor_value items[3], keys[2], members[2], key, value;
  lictor_error* error = NULL;
  lictor_text string;
  int64_t integer;
  double real;
  int boolean;

  items[0] = lictor_make_string(builder, text("x"));
  items[1] = lictor_integer(7);
  items[2] = lictor_make_double(builder, 0.5);
  CHECK(is_json(lictor_make_array(builder, items, 3), "[\"x\",7,0.5]"));
  CHECK(is_json(lictor_make_set(builder, items, 3), "[0.5,7,\"x\"]"));
  keys[0] = lictor_make_string(builder, text("b"));
  keys[1] = lictor_make_string(builder, text("a"));
  members[0] = lictor_boolean(1);
  members[1] = lictor_null();
  value = lictor_make_object(builder, keys, members, 2);
  CHECK(is_json(value, "{\"a\":null,\"b\":true}"));
  CHECK(lictor_value_kind(value) == LICTOR_OBJECT && lictor_value_size(value) == 2);
  CHECK(lictor_value_boolean(lictor_value_lookup(value, text("b")), &boolean) && boolean == 1);
  CHECK(lictor_value_kind(lictor_value_lookup(value, text("c"))) == LICTOR_UNDEFINED_VALUE);
  CHECK(lictor_value_member(value, 0, &key, &members[0]));
  CHECK(lictor_value_string(key, &string) && string.size == 1 && string.data[0] == 'a');
  CHECK(!lictor_value_member(value, 2, &key, &members[0]));

  CHECK(lictor_make_json(builder, text("[1e2, 1.5, 123456789012345678901]"), &value, &error) ==
        LICTOR_OK);
  CHECK(lictor_value_integer(lictor_value_item(value, 0), &integer) && integer == 100);
  CHECK(!lictor_value_integer(lictor_value_item(value, 1), &integer));
  CHECK(lictor_value_double(lictor_value_item(value, 1), &real) && real == 1.5);
  CHECK(!lictor_value_integer(lictor_value_item(value, 2), &integer));
  CHECK(lictor_value_kind(lictor_value_item(value, 3)) == LICTOR_UNDEFINED_VALUE);
  CHECK(!lictor_value_string(value, &string));
  CHECK(lictor_value_size(lictor_integer(3)) == 0);
  CHECK(lictor_make_json(builder, text("[1"), &value, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "lictor_input_error", ""));
  CHECK(lictor_make_json(builder, text("[1"), &value, NULL) == LICTOR_ERROR);

  items[1] = lictor_undefined();
  CHECK(lictor_value_kind(lictor_make_array(builder, items, 3)) == LICTOR_UNDEFINED_VALUE);
  CHECK(lictor_value_kind(lictor_make_double(builder, NAN)) == LICTOR_UNDEFINED_VALUE);
  CHECK(lictor_value_kind(lictor_make_number(builder, text("1e"))) == LICTOR_UNDEFINED_VALUE);
  CHECK(is_json(lictor_make_number(builder, text("1.50")), "1.50"));
  lictor_builder_clear(builder);
  CHECK(is_json(lictor_make_string(builder, text("again")), "\"again\""));
  lictor_builder_free(builder);
  lictor_builder_free(NULL);
}

static void compiling(void) {
  lictor_options v0 = {1, 0, 0, 0};
  lictor_engine* engine = lictor_engine_new(&v0);
  lictor_policy* policy = compiled(engine, "package a\np = 1 { input.x }", "data.a.p");
  lictor_error* error = NULL;
  char* json = NULL;
  size_t size = 0;
  lictor_engine_free(engine);
  CHECK(lictor_eval(policy, text("{\"x\": 1}"), &json, &size, &error) == LICTOR_OK);
  CHECK(strcmp(json, "1") == 0 && size == 1);
  lictor_free(json);
  CHECK(lictor_eval(policy, text("{}"), &json, &size, &error) == LICTOR_UNDEFINED);
  CHECK(lictor_eval(policy, text("{"), &json, &size, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "lictor_input_error", ""));
  lictor_policy_free(policy);

  engine = lictor_engine_new(NULL);
  CHECK(lictor_add_module(engine, text("b.rego"), text("package a\np := "), &error) == LICTOR_OK);
  CHECK(lictor_compile(engine, text("data.a.p"), &policy, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "rego_parse_error", "b.rego:2"));
  CHECK(lictor_compile(engine, text("data.a.p"), &policy, NULL) == LICTOR_ERROR);
  lictor_engine_free(engine);
  lictor_engine_free(NULL);
  lictor_policy_free(NULL);
}

static lictor_value add(lictor_call* call, void* user) {
  int64_t left = 0, right = 0;
  ++*(int*)user;
  CHECK(lictor_call_size(call) == 2);
  CHECK(lictor_value_kind(lictor_call_argument(call, 2)) == LICTOR_UNDEFINED_VALUE);
  CHECK(lictor_call_now(call) == 42);
  CHECK(!lictor_call_is_stopped(call));
  if (!lictor_value_integer(lictor_call_argument(call, 0), &left) ||
      !lictor_value_integer(lictor_call_argument(call, 1), &right))
    return lictor_call_fail(call, text("not a whole number"));
  if (left < 0) return lictor_call_halt(call, text("a negative number"));
  return lictor_integer(left + right);
}

static lictor_value grow(lictor_call* call, void* user) {
  lictor_value out = *(lictor_value*)user;
  for (int i = 0; i < 100000; ++i)
    out = lictor_make_string(lictor_call_builder(call), text("some text of some length"));
  return out;
}

static void note_free(void* user) { *(int*)user = -1; }

static void host_functions(void) {
  int calls = 0, freed = 0;
  lictor_value none = lictor_undefined();
  lictor_options strict = {0, 0, 1, 0};
  lictor_limits limits = {0, 1 << 20, 0};
  lictor_error* error = NULL;
  lictor_value out;
  lictor_engine* engine = lictor_engine_new(&strict);
  const char* type = "(x: number, y: number) => z: number";
  CHECK(lictor_add_function(engine, text("acme.add"), text(type), LICTOR_CHANGING, add, &calls,
                            NULL, &error) == LICTOR_OK);
  CHECK(lictor_add_function(engine, text("acme.grow"), text("() => x: string"), LICTOR_CHANGING,
                            grow, &none, NULL, &error) == LICTOR_OK);
  CHECK(lictor_add_function(engine, text("acme.kept"), text("() => x: string"), LICTOR_CHANGING,
                            grow, &freed, note_free, &error) == LICTOR_OK);
  CHECK(lictor_add_function(engine, text("count"), text(type), LICTOR_CHANGING, add, &calls, NULL,
                            &error) == LICTOR_ERROR);
  CHECK(is_error(error, "rego_type_error", "host function count: there is such a builtin already"));
  lictor_policy* policy = compiled(
      engine,
      "package a\np := acme.add(input.x, input.y) if input.x\np := acme.grow() if input.grow",
      "data.a.p");
  lictor_engine_free(engine);
  lictor_evaluator* evaluator = NULL;
  CHECK(lictor_evaluator_new(policy, &evaluator, &error) == LICTOR_OK);
  lictor_evaluator_set_time(evaluator, 42);
  lictor_evaluator_set_limits(evaluator, limits);
  CHECK(lictor_decide(evaluator, text("{\"x\": 1, \"y\": 2}"), &out, &error) == LICTOR_OK);
  CHECK(is_json(out, "3") && calls == 1);
  CHECK(lictor_decide(evaluator, text("{\"x\": 1.5, \"y\": 2}"), &out, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "eval_builtin_error", "acme.add: not a whole number"));
  CHECK(lictor_decide(evaluator, text("{\"x\": -1, \"y\": 2}"), &out, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "eval_builtin_error", "a negative number"));
  CHECK(lictor_decide(evaluator, text("{\"grow\": 1}"), &out, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "lictor_memory_limit", ""));
  CHECK(lictor_decide(evaluator, text("{\"x\": 4, \"y\": 2}"), &out, &error) == LICTOR_OK);
  lictor_evaluator_free(evaluator);
  CHECK(freed == 0);
  lictor_policy_free(policy);
  CHECK(freed == -1);
}

static int stop(void* user) { return ++*(int*)user > 0; }

static void deciding(void) {
  int asked = 0;
  lictor_error* error = NULL;
  lictor_value out;
  lictor_text json;
  lictor_limits few = {100, 0, 0};
  lictor_limits any = {0, 0, 0};
  lictor_engine* engine = lictor_engine_new(NULL);
  CHECK(lictor_add_data(engine, text("{\"xs\": [1, 2]}"), &error) == LICTOR_OK);
  lictor_policy* policy = compiled(
      engine,
      "package a\np := {\"n\": [y | some x in data.xs; y := x * input]} if not input == \"long\"\n"
      "p := count([1 | numbers.range(1, 3000)[_]; "
      "numbers.range(1, 3000)[_]]) if input == \"long\"",
      "data.a.p");
  lictor_evaluator* evaluator = NULL;
  lictor_builder* builder = lictor_builder_new();
  CHECK(lictor_evaluator_new(policy, &evaluator, &error) == LICTOR_OK);
  lictor_engine_free(engine);
  lictor_policy_free(policy);
  CHECK(lictor_decide_value(evaluator, lictor_integer(3), &out, &error) == LICTOR_OK);
  CHECK(is_json(out, "{\"n\":[3,6]}"));
  CHECK(lictor_decide_value(evaluator, lictor_undefined(), &out, &error) == LICTOR_OK);
  CHECK(is_json(out, "{\"n\":[]}"));
  CHECK(lictor_decide_json(evaluator, text("5"), &json, &error) == LICTOR_OK);
  CHECK(strcmp(json.data, "{\"n\":[5,10]}") == 0 && json.size == 12);
  lictor_evaluator_set_limits(evaluator, few);
  CHECK(lictor_decide_value(evaluator, lictor_make_string(builder, text("long")), &out, &error) ==
        LICTOR_ERROR);
  CHECK(is_error(error, "lictor_instruction_limit", "limit 100"));
  lictor_evaluator_set_limits(evaluator, any);
  CHECK(lictor_evaluator_set_cancel(evaluator, stop, &asked, &error) == LICTOR_OK);
  CHECK(lictor_decide(evaluator, text("\"long\""), &out, &error) == LICTOR_ERROR);
  CHECK(is_error(error, "eval_cancel_error", "") && asked > 0);
  CHECK(lictor_evaluator_set_cancel(evaluator, NULL, NULL, &error) == LICTOR_OK);
  CHECK(lictor_decide(evaluator, text("4"), &out, &error) == LICTOR_OK);
  lictor_builder_free(builder);
  lictor_evaluator_free(evaluator);
  lictor_evaluator_free(NULL);
}

int main(void) {
  CHECK(lictor_abi_version() == 2);
  values();
  compiling();
  host_functions();
  deciding();
  if (failures == 0) puts("c interface: all chapters hold");
  return failures != 0;
}
