/* The C interface of lictor.
 *
 * 1. Handles are opaque; each is freed by the function named after it, and freeing NULL does
 * nothing.
 * 2. Text is UTF-8, given as pointer and length; it is copied where it is kept.
 * 3. A lictor_policy may be shared by threads; a lictor_engine may not.
 * 4. What a function returns through a pointer is the caller's to free.
 * 5. An undefined decision is a status, not an error.
 * 6. No C++ exception leaves the library.
 * 7. Functions are only ever added.
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
typedef struct lictor_error lictor_error;

typedef enum { LICTOR_OK = 0, LICTOR_UNDEFINED = 1, LICTOR_ERROR = 2 } lictor_status;

typedef struct {
  const char* data;
  size_t size;
} lictor_text; /* borrowed */

/* Rises when functions are added. */
uint32_t lictor_abi_version(void);

lictor_engine* lictor_engine_new(void);
void lictor_engine_free(lictor_engine*);

/* Collect; errors surface at lictor_compile. */
void lictor_add_module(lictor_engine*, lictor_text name, lictor_text source);
void lictor_add_data(lictor_engine*, lictor_text json);

/* Compiles the document at `entrypoint`, e.g. "data.authz.allow". On LICTOR_ERROR *error is set. */
lictor_status lictor_compile(lictor_engine*, lictor_text entrypoint, lictor_policy** out,
                             lictor_error** error);
void lictor_policy_free(lictor_policy*);

/* Decides one input. On LICTOR_OK *json is the decision, zero-terminated, to be freed with
 * lictor_free. */
lictor_status lictor_eval(const lictor_policy*, lictor_text input, char** json, size_t* size,
                          lictor_error** error);
void lictor_free(void*);

/* "eval_conflict_error" and the like; the message with its place. Both live as long as the error.
 */
const char* lictor_error_code(const lictor_error*);
const char* lictor_error_message(const lictor_error*);
void lictor_error_free(lictor_error*);

#ifdef __cplusplus
}
#endif

#endif
