/*
 * after.h — AFTER(key, function, title, why): what comes after an upgrade's services, in this order
 * (UPG-62). Each is looked at beforehand, as the checks are, and has steps where it has something
 * to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
AFTER("workflows",            workflows,      "Tasks and workflows replaced",
      "The latest tasks go with the latest workflows only, and a workflow that was customised may miss what is new.")
AFTER("transfer-rules",       transfer_rules, "Transfer rules made anew",
      "Rules of the event as it was called before route nothing.")
AFTER("profiles-restored",    profiles,       "Service profiles restored",
      "Whoever has the profile would miss what was taken out for the upgrade.")
AFTER("rule-targets",         rule_targets,   "Targets of rules, attributes of workflows",
      "A rule that names a version of before would go on with it, or lead nowhere.")
AFTER("identity-certificate", identity,       "Identity certificate of AuthorizationService",
      "Tokens are asked for and checked under it; it is refreshed with each upgrade.")
AFTER("database-attributes",  database,       "Database attributes of CustomerControllerService",
      "Transcripts are lost where it is told another database than the one that is there.")
