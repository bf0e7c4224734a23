/*
 * words_test.c — each configuration with each option; spellings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/upgrade/words.h"

static enum pl_err read1(struct upgrade_words *words, const char *configuration, const char *option)
{
	pl_err_clear();
	return upgrade_words_read(words, configuration, &option, option ? 1 : 0);
}

static const char *const configurations[] = {
	"Combined-4500", "Combined-100",     "VoiceOnly-4500",
	"VoiceOnly-100", "DigitalOnly-4500", "DigitalOnly-100"
};

/* As UPG-2 has it, written down once more: + has it, w is warned of, - is refused. */
static const struct {
	const char *option;
	const char *has; /* a letter a configuration */
} options[] = {
	{ "MobileCommunications", "++++--" },
	{ "Bot", "++--++" },
	{ "Messaging", "++--++" },
	{ "Chat", "++--++" },
	{ "CoBrowse", "++++++" },
	{ "GenericChannel", "++--++" },
	{ "Social", "++--++" },
	{ "SMS", "++--++" },
	{ "Outbound", "++++--" },
	{ "CRMgateway", "+++++w" },
	{ "SmsConnector", "++++++" },
	{ "DataView", "++--++" },
	{ "PacketMetric", "++++++" },
	{ "Logging", "++++++" },
};

/* UPG-2 */
static void each_option_of_each_configuration(void **state)
{
	struct upgrade_words words;

	(void)state;
	assert_int_equal(sizeof(options) / sizeof(options[0]), UPGRADE_OPTIONS);
	for (size_t c = 0; c < sizeof(configurations) / sizeof(configurations[0]); c++) {
		assert_int_equal(read1(&words, configurations[c], NULL), PL_OK);
		assert_string_equal(words.configuration, configurations[c]);
		assert_int_equal(words.options, 0);
		for (size_t o = 0; o < UPGRADE_OPTIONS; o++) {
			char has = options[o].has[c];

			assert_int_equal(read1(&words, configurations[c], options[o].option),
					 has == '-' ? PL_INVALID : PL_OK);
			if (has == '-')
				assert_non_null(
					strstr(pl_err_detail(PL_INVALID), "is no option of"));
			else
				assert_int_equal(words.odd != 0, has == 'w');
		}
	}
}

/* UPG-2 */
static void older_spellings(void **state)
{
	static const struct {
		const char *old, *name;
	} olds[] = {
		{ "AMC", "MobileCommunications" },
		{ "POM", "Outbound" },
		{ "AvayaChat", "Bot" },
		{ "ZangSmsConnector", "SmsConnector" },
	};
	struct upgrade_words old, now;

	(void)state;
	for (size_t i = 0; i < sizeof(olds) / sizeof(olds[0]); i++) {
		assert_int_equal(read1(&old, "Combined-100", olds[i].old), PL_OK);
		assert_int_equal(read1(&now, "Combined-100", olds[i].name), PL_OK);
		assert_int_equal(old.options, now.options);
	}
	assert_int_equal(read1(&old, "combined-100", "chat"), PL_OK);
	assert_string_equal(old.configuration, "Combined-100");
}

/* UPG-2 */
static void misspelt_words_name_the_nearest(void **state)
{
	static const struct {
		const char *configuration, *option, *says;
	} bad[] = {
		{ "DigitalOnly-10", NULL, "did you mean 'DigitalOnly-100'?" },
		{ "Digitalonly4500", NULL, "did you mean 'DigitalOnly-4500'?" },
		{ "Combined", NULL, "did you mean 'Combined-100'?" },
		{ "Everything", NULL, "there are Combined-4500," },
		{ "", NULL, "there are Combined-4500," },
		{ "DigitalOnly-100", "Caht", "did you mean 'Chat'?" },
		{ "DigitalOnly-100", "Mesaging", "did you mean 'Messaging'?" },
		{ "VoiceOnly-100", "MobilCommunication", "did you mean 'MobileCommunications'?" },
		{ "DigitalOnly-100", "Telephone", "DigitalOnly-100 has Bot," },
		{ "DigitalOnly-100", "", "DigitalOnly-100 has Bot," },
		{ "VoiceOnly-100", "Chat", "'Chat' is no option of VoiceOnly-100" },
	};
	struct upgrade_words words;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read1(&words, bad[i].configuration, bad[i].option), PL_INVALID);
		if (!strstr(pl_err_detail(PL_INVALID), bad[i].says))
			fail_msg("%s %s: %s", bad[i].configuration, bad[i].option,
				 pl_err_detail(PL_INVALID));
	}
}

/* UPG-2 */
static void the_same_twice_and_cluster_groups(void **state)
{
	static const char *const twice[] = { "Chat", "SMS", "Chat" };
	static const char *const wrong[] = { "", "0", "3", "-1", "1x", "one", "11" };
	struct upgrade_words words;
	int group = 0;

	(void)state;
	assert_int_equal(upgrade_words_read(&words, "DigitalOnly-100", twice, 3), PL_OK);
	assert_int_equal(words.options, 1u << UPGRADE_CHAT | 1u << UPGRADE_SMS);
	assert_int_equal(upgrade_group_read(&group, "2"), PL_OK);
	assert_int_equal(group, 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(upgrade_group_read(&group, wrong[i]), PL_INVALID);
	assert_int_equal(upgrade_option_of("AutomationController"), UPGRADE_CHAT);
	assert_int_equal(upgrade_option_of("UCMService"), UPGRADE_OPTIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_of_each_configuration),
		cmocka_unit_test(older_spellings),
		cmocka_unit_test(misspelt_words_name_the_nearest),
		cmocka_unit_test(the_same_twice_and_cluster_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
