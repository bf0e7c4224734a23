/* word.c — see word.h. SPDX-License-Identifier: Apache-2.0 */
#include "word.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "pelago/json.h"

static locale_t utf8(void)
{
	static locale_t made;

	if (!made)
		made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return made;
}

/* Small letters, of as many whole characters as fit. */
static void fold(char out[WORD_BYTES + 1], const char *text)
{
	locale_t before = utf8() ? uselocale(utf8()) : (locale_t)0;
	mbstate_t from = { 0 }, to = { 0 };
	char bytes[MB_LEN_MAX];
	size_t len = 0;
	wchar_t wide;

	while (*text) {
		size_t n = mbrtowc(&wide, text, strlen(text), &from), made;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			break;
		text += n;
		made = wcrtomb(bytes, (wchar_t)towlower((wint_t)wide), &to);
		if (made == (size_t)-1 || len + made > WORD_BYTES)
			break;
		memcpy(out + len, bytes, made);
		len += made;
	}
	out[len] = '\0';
	if (before)
		uselocale(before);
}

void word_key(char key[WORD_KEY_BYTES], const char *text)
{
	char small[WORD_BYTES + 1];

	fold(small, text);
	key[0] = '\0';
	for (size_t i = 0; small[i]; i++)
		snprintf(key + 2 * i, 3, "%02x", (unsigned)(unsigned char)small[i]);
}

static void insert(struct pl_turn *turn, const char *customer, const char *text)
{
	char key[WORD_KEY_BYTES];

	word_key(key, text);
	if (*key)
		pl_exec(turn,
			"insert into customer_word (key, customer) values ($1, $2) "
			"on conflict (key, customer) do nothing",
			"ss", key, customer);
}

void word_index(struct pl_turn *turn, const char *customer, const char *name,
		const json_t *addresses)
{
	json_t *address;
	size_t i;

	word_forget(turn, customer);
	name += strspn(name, " ");
	for (int words = 0; *name && words < WORDS_MOST; words++) {
		insert(turn, customer, name);
		name += strcspn(name, " ");
		name += strspn(name, " ");
	}
	json_array_foreach(addresses, i, address)
		insert(turn, customer, pl_json_get_text(address, "value"));
}

void word_forget(struct pl_turn *turn, const char *customer)
{
	pl_exec(turn, "delete from customer_word where customer = $1", "s", customer);
}
