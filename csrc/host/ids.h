/* SPDX-License-Identifier: Apache-2.0 */
/* ids: which user and group ids a sandbox has, inside and on the host.
 *
 * A caller that may map ids (CAP_SETUID and CAP_SETGID) gives init and the program one id each that nothing else uses:
 * from the range 0x70000000 to 0x7fffffff, which no allocation convention uses (systemd's UIDS-GIDS document), or if
 * the caller's namespace lacks that range from the upper half of its largest extent. Any other caller can map only its
 * own id, which init and the program then share. uid 0 is never mapped. */
#ifndef CORDON_HOST_IDS_H
#define CORDON_HOST_IDS_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/container.h"
#include "cordon/error.h"

struct ids {
	bool own;			/* the caller may map ids */
	bool copy_mounts;		/* the caller may copy mount trees (CAP_SYS_ADMIN) */
	uint32_t init_uid, init_gid;	/* inside */
	uint32_t uid, gid;
	uint32_t host_init_uid, host_init_gid;
	uint32_t host_uid, host_gid;
};

/* 0 or -errno with *err (VALIDATE, UID_MAP). Any thread. */
int ids_choose(const struct cordon_container_config *config, struct ids *ret, struct cordon_error *err);

/* Whether a program has ids that nothing else uses, and so owns no file of anybody's. */
bool ids_are_foreign(const struct cordon_container_config *config);

/* Without namespaces: the ids are the caller's; if that is root, those of config or unused ones for init and the
 * program. 0 or -EINVAL with *err (VALIDATE). */
int ids_share(const struct cordon_container_config *config, struct ids *ret, struct cordon_error *err);

/* Writes the maps of the process pid. 0 or -errno with *err (UID_MAP, GID_MAP). */
int ids_write_maps(const struct ids *ids, int32_t pid, struct cordon_error *err);

/* Frees what ids_choose and ids_share keep. No thread may be in either. */
void ids_release(void);

#endif
