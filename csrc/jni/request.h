/* SPDX-License-Identifier: Apache-2.0 */
/* request: what Java asks for, as the structs of the library. format.h says what a request looks like. */
#ifndef CORDON_JNI_REQUEST_H
#define CORDON_JNI_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include "cordon/error.h"
#include "jni/records.h"

/* What follows the version, in this order. */
enum request_part {
	REQUEST_CONFIG = 1 << 0,
	REQUEST_COMMAND = 1 << 1,
	REQUEST_FILES = 1 << 2,
	REQUEST_POLICY = 1 << 3,
};

/* Decodes a REQUEST of these parts (enum request_part): only its form; what the values mean is checked by the library. A part
 * that is not asked for is zero.
 * Returns 0 with *ret_request filled, to be ended by request_done; or -errno with *err set (step VALIDATE, detail
 * "request: field: what is wrong", index = item; or step MEMORY) and nothing to end. */
int request_decode(const void *message, size_t len, uint32_t parts, struct request *ret_request, struct cordon_error *err);

/* Frees the arrays. */
void request_done(struct request *request);

#endif
