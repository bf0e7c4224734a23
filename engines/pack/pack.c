/* pack.c — see pack.h. SPDX-License-Identifier: Apache-2.0 */
#include "engines/pack/pack.h"

#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { GZIP = 16 + MAX_WBITS, MEMORY = 8, FIRST = 65536 };

static enum pl_err encode(char **packedp, const unsigned char *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);

	*packedp = malloc(size);
	if (!*packedp)
		return PL_NOMEM;
	sodium_bin2base64(*packedp, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
	return PL_OK;
}

enum pl_err pack_text(char **packedp, const char *text, size_t len)
{
	z_stream stream = { 0 };
	unsigned char *out = NULL;
	enum pl_err err = PL_NOMEM;
	size_t size;

	if (len > INT_MAX)
		return pl_fail(PL_TOOLARGE, "a text of %zu bytes can't be packed", len);
	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return PL_NOMEM;
	size = deflateBound(&stream, len);
	out = malloc(size);
	if (out) {
		stream.next_in = (unsigned char *)text;
		stream.avail_in = (unsigned)len;
		stream.next_out = out;
		stream.avail_out = (unsigned)size;
		if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
			err = encode(packedp, out, stream.total_out);
	}
	deflateEnd(&stream);
	free(out);
	return err;
}

static enum pl_err decode(unsigned char **bytesp, size_t *lenp, const char *packed, size_t len)
{
	size_t size = len / 4 * 3 + 3;

	*bytesp = malloc(size);
	if (!*bytesp)
		return PL_NOMEM;
	if (sodium_base642bin(*bytesp, size, packed, len, "\r\n", lenp, NULL,
			      sodium_base64_VARIANT_ORIGINAL) == 0)
		return PL_OK;
	free(*bytesp);
	*bytesp = NULL;
	return pl_fail(PL_INVALID, "this is no base64");
}

/* Room for more, up to one byte past max. */
static enum pl_err grow(z_stream *stream, char **textp, size_t *sizep, size_t max)
{
	size_t size = *sizep ? 2 * *sizep : FIRST;
	char *grown;

	if (*sizep > max)
		return pl_fail(PL_TOOLARGE, "unpacked, the text is larger than %zu bytes", max);
	if (size > max + 1)
		size = max + 1;
	grown = realloc(*textp, size + 1); /* and the NUL */
	if (!grown)
		return PL_NOMEM;
	*textp = grown;
	stream->next_out = (unsigned char *)grown + stream->total_out;
	stream->avail_out = (unsigned)(size - stream->total_out);
	*sizep = size;
	return PL_OK;
}

static enum pl_err unpack(z_stream *stream, char **textp, size_t max)
{
	size_t size = 0;
	int status = Z_OK;
	enum pl_err err = PL_OK;

	while (!err && status == Z_OK) {
		if (!stream->avail_out)
			err = grow(stream, textp, &size, max);
		if (!err)
			status = inflate(stream, Z_NO_FLUSH);
	}
	if (err)
		return err;
	if (status == Z_MEM_ERROR)
		return PL_NOMEM;
	if (status != Z_STREAM_END || stream->avail_in)
		return pl_fail(PL_INVALID, "this is not gzip, or not all of it");
	if (stream->total_out > max)
		return pl_fail(PL_TOOLARGE, "unpacked, the text is larger than %zu bytes", max);
	return PL_OK;
}

enum pl_err pack_open(char **textp, size_t *lenp, const char *packed, size_t packed_len, size_t max)
{
	z_stream stream = { 0 };
	unsigned char *bytes = NULL;
	char *text = NULL;
	size_t len;
	enum pl_err err = decode(&bytes, &len, packed, packed_len);

	if (err)
		return err;
	if (len > UINT_MAX || max >= UINT_MAX)
		err = pl_fail(PL_TOOLARGE, "%zu bytes can't be unpacked", len);
	if (!err && inflateInit2(&stream, GZIP) != Z_OK)
		err = PL_NOMEM;
	if (!err) {
		stream.next_in = bytes;
		stream.avail_in = (unsigned)len;
		err = unpack(&stream, &text, max);
		*lenp = stream.total_out;
		inflateEnd(&stream);
	}
	free(bytes);
	if (err) {
		free(text);
		return err;
	}
	text[*lenp] = '\0';
	*textp = text;
	return PL_OK;
}
