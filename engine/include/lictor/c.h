/* The C interface of lictor.
 *
 * 1. Handles are opaque; each is freed by the function named after it, and freeing NULL does
 *    nothing.
 * 2. Text is UTF-8, given as pointer and length; it is copied where it is kept.
 * 3. A lictor_policy may be shared by threads; every other handle belongs to one thread at a time.
 * 4. What can fail returns a lictor_status. On LICTOR_ERROR, *error is set to an error for the
 *    caller to free; `error` may be NULL. Undefined is a status, not an error.
 * 5. No C++ exception leaves the library, and it never aborts: out of memory is the error
 *    lictor_memory_limit, or NULL from a function that returns a handle. Where memory is too short
 *    for the error itself, *error is set to NULL.
 * 6. Not in this interface: queries (only documents are decided), explanations, formatting, and
 *    reading files; see the C++ one.
 */
#ifndef LICTOR_C_H
#define LICTOR_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lictor_engine lictor_engine;
typedef struct lictor_policy lictor_policy;
typedef struct lictor_evaluator lictor_evaluator;
typedef struct lictor_builder lictor_builder;
typedef struct lictor_call lictor_call;
typedef struct lictor_error lictor_error;

typedef enum { LICTOR_OK = 0, LICTOR_UNDEFINED = 1, LICTOR_ERROR = 2 } lictor_status;

typedef struct {
  const char* data;
  size_t size;
} lictor_text; /* borrowed */

/* Rises with every change of this header. */
uint32_t lictor_abi_version(void);

/* ---- Errors ---- */

/* "eval_conflict_error" and the like; the message with its place. Both live as long as the error.
 */
const char* lictor_error_code(const lictor_error*);
const char* lictor_error_message(const lictor_error*);
void lictor_error_free(lictor_error*);

/* ---- Values ---- */

/* A handle that owns nothing and may be copied. It lives as long as what it was taken from: the
 * evaluator's decision, the builder's values, or the call. */
typedef struct {
  uint64_t words[2];
} lictor_value;

typedef enum {
  LICTOR_NULL_VALUE,
  LICTOR_BOOLEAN,
  LICTOR_NUMBER,
  LICTOR_STRING,
  LICTOR_ARRAY,
  LICTOR_OBJECT,
  LICTOR_SET,
  LICTOR_UNDEFINED_VALUE
} lictor_kind;

lictor_kind lictor_value_kind(lictor_value);
/* 1 if the value is of that type, and *out is set; otherwise 0. An integer is a whole number that
 * fits, however it is written; a double is the nearest one. */
int lictor_value_boolean(lictor_value, int* out);
int lictor_value_integer(lictor_value, int64_t* out);
int lictor_value_double(lictor_value, double* out);
int lictor_value_string(lictor_value, lictor_text* out);
/* How many items an array or a set, or members an object has; 0 for others. */
size_t lictor_value_size(lictor_value);
/* An item of an array or a set in its order, by index; undefined if there is none. */
lictor_value lictor_value_item(lictor_value, size_t index);
/* A member of an object, in the order of keys; 0 if there is none. */
int lictor_value_member(lictor_value, size_t index, lictor_value* key, lictor_value* value);
/* The value of a key of an object; undefined if there is none. */
lictor_value lictor_value_lookup(lictor_value, lictor_text key);
/* The value as JSON, zero-terminated, to be freed with lictor_free; NULL out of memory. */
char* lictor_value_json(lictor_value);

lictor_value lictor_undefined(void);
lictor_value lictor_null(void);
lictor_value lictor_boolean(int value);
lictor_value lictor_integer(int64_t value);

/* What a builder makes lives until it is cleared or freed. Each function returns undefined out of
 * memory, or if a part is undefined; a number also where it is no JSON number (NaN, "1e"). */
lictor_builder* lictor_builder_new(void);
void lictor_builder_clear(lictor_builder*);
void lictor_builder_free(lictor_builder*);
lictor_value lictor_make_string(lictor_builder*, lictor_text text);
lictor_value lictor_make_double(lictor_builder*, double number);
lictor_value lictor_make_number(lictor_builder*, lictor_text text);
lictor_value lictor_make_array(lictor_builder*, const lictor_value* items, size_t count);
lictor_value lictor_make_set(lictor_builder*, const lictor_value* items, size_t count);
/* Of equal keys, the last one's value stays. */
lictor_value lictor_make_object(lictor_builder*, const lictor_value* keys,
                                const lictor_value* values, size_t count);
lictor_status lictor_make_json(lictor_builder*, lictor_text json, lictor_value* out,
                               lictor_error** error);

/* ---- Compiling ---- */

/* Each 0 or 1. */
typedef struct {
  int v0_compatible;         /* modules are Rego v0 */
  int strict;                /* what is never used is an error */
  int strict_builtin_errors; /* an error of a builtin ends the evaluation */
  int print;                 /* print() writes to standard error */
} lictor_options;

/* `options` may be NULL: none. */
lictor_engine* lictor_engine_new(const lictor_options* options);
void lictor_engine_free(lictor_engine*);

/* Collect; what is wrong in them surfaces at lictor_compile. */
lictor_status lictor_add_module(lictor_engine*, lictor_text name, lictor_text source,
                                lictor_error** error);
lictor_status lictor_add_data(lictor_engine*, lictor_text json, lictor_error** error);

/* Compiles the document at `entrypoint`, e.g. "data.authz.allow". The policy does not need the
 * engine. */
lictor_status lictor_compile(lictor_engine*, lictor_text entrypoint, lictor_policy** out,
                             lictor_error** error);
void lictor_policy_free(lictor_policy*);

/* ---- Host functions ---- */

/* When a call may be replaced by the value of an earlier one with equal arguments: always; within
 * one evaluation; never. */
typedef enum { LICTOR_IMMUTABLE = 0, LICTOR_STABLE = 1, LICTOR_CHANGING = 2 } lictor_volatility;

/* Returns the function's value, undefined, or what lictor_call_fail() returns. May be called by
 * several threads at once where a policy is shared. */
typedef lictor_value (*lictor_function)(lictor_call*, void* user);

/* Lets modules call a function of the host: "acme.tier", "(name: string) => tier: number". When
 * the engine and all its policies are freed, `free_user` (which may be NULL) is called with `user`;
 * also if the function is refused. */
lictor_status lictor_add_function(lictor_engine*, lictor_text name, lictor_text signature,
                                  lictor_volatility, lictor_function, void* user,
                                  void (*free_user)(void* user), lictor_error** error);

size_t lictor_call_size(const lictor_call*);
/* An argument, of the type that the signature says; undefined if there is none. */
lictor_value lictor_call_argument(const lictor_call*, size_t index);
/* Makes the result; it is the call's, and not to be freed or cleared. */
lictor_builder* lictor_call_builder(lictor_call*);
/* An error as a builtin's: undefined, unless builtin errors are strict. To be returned. */
lictor_value lictor_call_fail(lictor_call*, lictor_text message);
/* An error that ends the evaluation. To be returned. */
lictor_value lictor_call_halt(lictor_call*, lictor_text message);
/* The evaluation's time, in nanoseconds since 1970. */
int64_t lictor_call_now(lictor_call*);
/* 1 once the evaluation is to stop: cancelled, or past its time. To be asked every 10 ms or so by a
 * function that waits. */
int lictor_call_is_stopped(const lictor_call*);

/* ---- Deciding ---- */

/* Decides one input; the simplest form, which allocates. On LICTOR_OK *json is the decision,
 * zero-terminated, to be freed with lictor_free; `size` may be NULL. */
lictor_status lictor_eval(const lictor_policy*, lictor_text input, char** json, size_t* size,
                          lictor_error** error);
void lictor_free(void*);

/* Decides again and again with the same memory. */
lictor_status lictor_evaluator_new(const lictor_policy*, lictor_evaluator** out,
                                   lictor_error** error);
void lictor_evaluator_free(lictor_evaluator*);
/* *out lives until the next decision of the evaluator. `input` is JSON text; or a value, undefined
 * for no input document. */
lictor_status lictor_decide(lictor_evaluator*, lictor_text input, lictor_value* out,
                            lictor_error** error);
lictor_status lictor_decide_value(lictor_evaluator*, lictor_value input, lictor_value* out,
                                  lictor_error** error);
/* As lictor_decide, for the decision as JSON, which is zero-terminated. */
lictor_status lictor_decide_json(lictor_evaluator*, lictor_text input, lictor_text* out,
                                 lictor_error** error);

/* Bounds of each decision that follows; 0: none. Steps are loop turns and calls. */
typedef struct {
  uint64_t steps;
  uint64_t memory_bytes;
  uint64_t time_ns;
} lictor_limits;
void lictor_evaluator_set_limits(lictor_evaluator*, lictor_limits);
/* What time.now_ns() is in the decisions that follow, in nanoseconds since 1970. */
void lictor_evaluator_set_time(lictor_evaluator*, int64_t now_ns);
/* Asked every few thousand steps: a decision for which it returns other than 0 ends with the error
 * eval_cancel_error. NULL asks nothing. */
lictor_status lictor_evaluator_set_cancel(lictor_evaluator*, int (*is_cancelled)(void* user),
                                          void* user, lictor_error** error);

#ifdef __cplusplus
}
#endif

#endif
