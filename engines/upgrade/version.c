/*
 * version.c — versions of releases: MAJOR.MINOR.PATCH, by the rules of semver.org 2.0.0 §11 as far
 * as releases use them: what follows a "-" comes before the same version without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/upgrade/upgrade.h"

bool upgrade_version_read(struct upgrade_version *v, const char *text)
{
	int len = 0;

	if (sscanf(text, "%6d.%6d.%6d%n", &v->major, &v->minor, &v->patch, &len) != 3 ||
	    v->major < 0 || v->minor < 0 || v->patch < 0)
		return false;
	return !text[len] || text[len] == '-' || text[len] == '+';
}

static int sign(int a, int b)
{
	return (a > b) - (a < b);
}

int upgrade_version_compare(const char *a, const char *b)
{
	struct upgrade_version x = { 0 }, y = { 0 };
	bool a_good = upgrade_version_read(&x, a), b_good = upgrade_version_read(&y, b);

	if (!a_good || !b_good)
		return sign(a_good, b_good);
	if (x.major != y.major)
		return sign(x.major, y.major);
	if (x.minor != y.minor)
		return sign(x.minor, y.minor);
	if (x.patch != y.patch)
		return sign(x.patch, y.patch);
	return sign(strchr(b, '-') != NULL, strchr(a, '-') != NULL);
}
