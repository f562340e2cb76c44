/* SPDX-License-Identifier: Apache-2.0 */
/* reply: encodes structs of the library as replies to Java (format.h).
 *
 * Each function writes at most size bytes to buf and returns the length of the whole reply; if that is more than size,
 * the contents of buf are incomplete. If err->step is not 0, the other arguments are ignored. */
#ifndef CORDON_JNI_REPLY_H
#define CORDON_JNI_REPLY_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/features.h"
#include "cordon/result.h"
#include "cordon/supervisor.h"
#include "jni/records.h"

uint64_t reply_encode(const struct cordon_error *err, const struct cordon_result *result, void *buf, uint64_t size);
uint64_t question_encode(const struct cordon_question *question, void *buf, uint64_t size);
uint64_t features_encode(const struct cordon_error *err, const struct cordon_features *features, void *buf,
			 uint64_t size);

uint64_t listing_encode(const struct cordon_error *err, const struct cordon_listing *listing, void *buf, uint64_t size);

/* A file_reply for each of n files. fds NULL: -1 for each. */
uint64_t files_encode(const struct cordon_error *err, const int *fds, const struct cordon_error *errors, uint32_t n,
		      void *buf, uint64_t size);

#endif
