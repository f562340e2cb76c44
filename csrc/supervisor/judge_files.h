/* SPDX-License-Identifier: Apache-2.0 */
/* judge_files: decides a call that names files by the path policy. */
#ifndef CORDON_SUPERVISOR_JUDGE_FILES_H
#define CORDON_SUPERVISOR_JUDGE_FILES_H

#include <stdbool.h>
#include "supervisor/judged.h"
#include "supervisor/supervisor.h"

/* judge, for a CALL_FILE. True if it is allowed. */
bool judge_files(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
		 struct judged *judged);

/* For the call that was judged last and allowed, if there is a symbolic link in a path that was taken as it was
 * written, or the program has put one there since: follows the links and decides about the resulting paths. */
void judge_files_again(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged);

/* Asks the host about s because of a rule by number. The question has the call's paths, if they exist. */
bool judge_files_ask(struct supervisor *sv, const struct stop *s, struct answer *ret);

#endif
