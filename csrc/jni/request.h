/* SPDX-License-Identifier: Apache-2.0 */
/* request: decodes requests of Java (format.h) to structs of the library. */
#ifndef CORDON_JNI_REQUEST_H
#define CORDON_JNI_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include "cordon/error.h"
#include "jni/records.h"

/* The parts of a request after its version, in this order. */
enum request_part {
	REQUEST_CONFIG = 1 << 0,
	REQUEST_COMMAND = 1 << 1,
	REQUEST_FILES = 1 << 2,
	REQUEST_POLICY = 1 << 3,
};

/* Decodes a request with these parts (enum request_part). Only its form is checked; the library checks the values.
 * Other parts are zero. 0 with *ret_request, for request_done; or -errno with *err (step VALIDATE, detail "request:
 * field: what is wrong", index = item; or step MEMORY), and nothing to free. */
int request_decode(const void *message, size_t len, uint32_t parts, struct request *ret_request,
		   struct cordon_error *err);

/* Frees the arrays. */
void request_done(struct request *request);

#endif
