/* SPDX-License-Identifier: Apache-2.0 */
#include "host/items.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "base/heap.h"
#include "error/error.h"
#include "wire/wire.h"

int items_prepare(struct init_message *message, enum cordon_msg_type type, const char *base,
		  const struct cordon_file *files, uint32_t n, struct cordon_error *err)
{
	size_t size = sizeof(struct cordon_msg_items) + n * sizeof(struct cordon_item) + 64;
	AUTO_FREE struct cordon_item *out = calloc(n, sizeof *out);
	struct cordon_msg_items *m;
	struct wire_buf b;
	char path[4096];

	for (uint32_t i = 0; i < n; i++)
		size += strlen(base) + strlen(files[i].path) + (files[i].text != NULL ? strlen(files[i].text) : 0) + 32;
	m = message->data = malloc(size);
	if (m == NULL || out == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	wire_begin(&b, m, size, type, sizeof *m);
	for (uint32_t i = 0; i < n; i++) {
		bool absolute = files[i].path[0] == '/';

		if (!str_concat(path, sizeof path, absolute ? "" : base, absolute ? "" : "/", files[i].path))
			return error_refuse(err, (int32_t)i, "file path", files[i].path, "too long");
		out[i].path = wire_put_string(&b, path);
		out[i].text = wire_put_string(&b, files[i].text);
		out[i].flags = files[i].flags;
		out[i].mode = files[i].mode;
		if ((files[i].flags & CORDON_ITEM_CREATE) != 0 && files[i].mode == 0)
			out[i].mode = 0644;
	}
	m->nitems = n;
	m->items = wire_put(&b, out, n * sizeof *out);
	if (wire_end(&b) < 0)
		return error_refuse(err, CORDON_NO_INDEX, "files", "size", "at most 8 MiB of names");
	message->size = (uint32_t)b.used;
	return 0;
}
