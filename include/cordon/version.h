/* SPDX-License-Identifier: Apache-2.0 */
/* version: the version of this library, to compare with that of the headers. */
#ifndef CORDON_VERSION_H
#define CORDON_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CORDON_VERSION
#define CORDON_VERSION "0.1.0"
#endif

/* The version of the library at run time, "MAJOR.MINOR.PATCH". Static storage; any thread. */
const char *cordon_version(void);

#ifdef __cplusplus
}
#endif
#endif
