/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire.h"

#include <linux/errno.h>
#include "base/base.h"

void wire_begin(struct wire_buf *b, void *data, size_t size, enum cordon_msg_type type, size_t head_size)
{
	struct cordon_msg *head = data;

	b->data = data;
	b->size = size;
	b->used = head_size;
	b->overflow = head_size > size;
	if (b->overflow)
		return;
	bytes_zero(data, head_size);
	head->version = CORDON_PROTOCOL_VERSION;
	head->type = (uint16_t)type;
}

/* Reserves the next len bytes, 8-byte aligned; NULL if they do not fit. */
static unsigned char *reserve(struct wire_buf *b, size_t len, struct cordon_span *ret)
{
	size_t start = (b->used + 7) & ~(size_t)7;

	*ret = (struct cordon_span){ 0, 0 };
	if (b->overflow || start > b->size || len > b->size - start || b->size > UINT32_MAX) {
		b->overflow = true;
		return NULL;
	}
	bytes_zero(b->data + b->used, start - b->used);
	b->used = start + len;
	ret->off = (uint32_t)start;
	ret->len = (uint32_t)len;
	return b->data + start;
}

struct cordon_span wire_put(struct wire_buf *b, const void *bytes, size_t len)
{
	struct cordon_span span = { 0, 0 };
	unsigned char *p;

	if (len == 0)
		return span;
	p = reserve(b, len, &span);
	if (p != NULL)
		bytes_copy(p, bytes, len);
	return span;
}

struct cordon_span wire_put_string(struct wire_buf *b, const char *s)
{
	return s == NULL ? (struct cordon_span){ 0, 0 } : wire_put(b, s, str_len(s) + 1);
}

struct cordon_span wire_put_strings(struct wire_buf *b, const char *const *strings, uint32_t *ret_count)
{
	struct cordon_span all = { 0, 0 };
	size_t len = 0;
	uint32_t n = 0;
	unsigned char *p;

	for (; strings != NULL && strings[n] != NULL; n++)
		len += str_len(strings[n]) + 1;
	*ret_count = n;
	if (len == 0)
		return all;
	p = reserve(b, len, &all);
	for (uint32_t i = 0; p != NULL && i < n; i++) {
		len = str_len(strings[i]) + 1;
		bytes_copy(p, strings[i], len);
		p += len;
	}
	return all;
}

int wire_end(struct wire_buf *b)
{
	struct cordon_msg *head = (struct cordon_msg *)b->data;

	if (b->overflow)
		return -EMSGSIZE;
	head->size = (uint32_t)b->used;
	return (int)b->used;
}
