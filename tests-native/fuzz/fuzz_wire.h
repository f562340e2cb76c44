/* SPDX-License-Identifier: Apache-2.0 */
/* What precedes the message in an input of fuzz_wire; also written by make_corpus. */
#ifndef CORDON_FUZZ_WIRE_H
#define CORDON_FUZZ_WIRE_H

#include <stdint.h>

enum fuzz_wire_decoder {
	FUZZ_WIRE_CONF,
	FUZZ_WIRE_ITEMS,
	FUZZ_WIRE_EXECVE,
	FUZZ_WIRE_ERRORS,
	FUZZ_WIRE_ERRORS_WITH_FDS,
	FUZZ_WIRE_FINISHED,
	FUZZ_WIRE_ERROR,
	FUZZ_WIRE_ASK,
	FUZZ_WIRE_ANSWER,
	FUZZ_WIRE_SIGNAL,
	FUZZ_WIRE_SIDECAR,
	FUZZ_WIRE_COUNT
};

struct fuzz_wire_head {
	uint8_t decoder;	/* enum fuzz_wire_decoder, modulo its count */
	uint8_t nfds;		/* descriptors that came with the message */
	uint8_t nitems;		/* that the host has asked for */
};

#endif
