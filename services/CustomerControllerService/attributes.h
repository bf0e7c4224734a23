/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(idle_s, 4, 604800, 1800, "s",
	  "A chat in which the customer writes nothing for so long, or a quarter longer, is closed")
ATTRIBUTE(
	idle_warn_s, 0, 604800, 1500, "s",
	"A customer who has written nothing for so long is asked whether somebody is there; 0, or "
	"not before idle_s: never")
ATTRIBUTE(away_s, 0, 300, 5, "s",
	  "How long the customer's connection is gone before the agent is told: a reload is no end")
ATTRIBUTE(abandon_s, 1, 86400, 180, "s",
	  "A chat in queue whose customer's connection is gone for so long is closed as abandoned")
ATTRIBUTE(survey_s, 1, 2592000, 3600, "s",
	  "How long after the end the survey can be answered; not longer than the chat is kept")
ATTRIBUTE(kept_s, 1, 2592000, 86400, "s",
	  "How long a closed chat can still be resumed and read here")
ATTRIBUTE(file_bytes, 0, 52428800, 10485760, "B",
	  "The largest file that can be sent in a chat; 0: no files")
ATTRIBUTE(files_most, 1, 10000, 50, "", "How many files a chat takes")
