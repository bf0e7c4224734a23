/*
 * upgrade.h — what an upgrade may be told: deployments and their options.
 *
 * UPGRADE_OPTION(id, name, service, text): service is what the option brings.
 * UPGRADE_OLD(name, id): spellings of before that are taken.
 * UPGRADE_CONFIGURATION(name, text, agents, options): agents: at most; options: UPGRADE_BIT(id) of
 * those that it has. PacketMetric and Logging are optional everywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
#ifdef UPGRADE_OPTION
UPGRADE_OPTION(MOBILE,        "MobileCommunications", "MobileCommunications", "WebRTC voice and video")
UPGRADE_OPTION(BOT,           "Bot",                  "BotConnector",         "bots")
UPGRADE_OPTION(MESSAGING,     "Messaging",            "MessagingService",     "messaging")
UPGRADE_OPTION(CHAT,          "Chat",                 "AutomationController", "web chat")
UPGRADE_OPTION(COBROWSE,      "CoBrowse",             "CoBrowse",             "pages seen together")
UPGRADE_OPTION(GENERIC,       "GenericChannel",       "GenericChannelAPI",    "channels of one's own")
UPGRADE_OPTION(SOCIAL,        "Social",               "SocialConnector",      "social networks")
UPGRADE_OPTION(SMS,           "SMS",                  "SMSVendorSnapin",      "text messages")
UPGRADE_OPTION(OUTBOUND,      "Outbound",             "OBCService",           "outbound campaigns")
UPGRADE_OPTION(CRM,           "CRMgateway",           "CRMGateway",           "customer relationship management")
UPGRADE_OPTION(SMS_CONNECTOR, "SmsConnector",         "SmsConnector",         "text messages by a gateway")
UPGRADE_OPTION(DATA_VIEW,     "DataView",             "DataViewer",           "a view of customers' data")
UPGRADE_OPTION(PACKET_METRIC, "PacketMetric",         "PacketMetric",         "metrics and packet statistics")
UPGRADE_OPTION(LOGGING,       "Logging",              "Logging",              "logs of all nodes")
#endif
#ifdef UPGRADE_OLD
UPGRADE_OLD("AMC",              MOBILE)
UPGRADE_OLD("POM",              OUTBOUND)
UPGRADE_OLD("AvayaChat",        BOT)
UPGRADE_OLD("ZangSmsConnector", SMS_CONNECTOR)
#endif
#ifdef UPGRADE_CONFIGURATION
#define UPGRADE_ANY (UPGRADE_BIT(PACKET_METRIC) | UPGRADE_BIT(LOGGING))
#define UPGRADE_VOICE (UPGRADE_BIT(MOBILE) | UPGRADE_BIT(OUTBOUND) | UPGRADE_BIT(COBROWSE) | \
		       UPGRADE_BIT(CRM) | UPGRADE_BIT(SMS_CONNECTOR) | UPGRADE_ANY)
#define UPGRADE_DIGITAL (UPGRADE_BIT(BOT) | UPGRADE_BIT(MESSAGING) | UPGRADE_BIT(SMS) | \
			 UPGRADE_BIT(CHAT) | UPGRADE_BIT(GENERIC) | UPGRADE_BIT(SOCIAL) | \
			 UPGRADE_BIT(COBROWSE) | UPGRADE_BIT(SMS_CONNECTOR) | \
			 UPGRADE_BIT(DATA_VIEW) | UPGRADE_ANY)
UPGRADE_CONFIGURATION("Combined-4500",    "voice and digital, over 100 up to 4500 agents", 4500, UPGRADE_VOICE | UPGRADE_DIGITAL)
UPGRADE_CONFIGURATION("Combined-100",     "voice and digital, up to 100 agents",            100, UPGRADE_VOICE | UPGRADE_DIGITAL)
UPGRADE_CONFIGURATION("VoiceOnly-4500",   "voice, over 100 up to 4500 agents",             4500, UPGRADE_VOICE)
UPGRADE_CONFIGURATION("VoiceOnly-100",    "voice, up to 100 agents",                        100, UPGRADE_VOICE)
UPGRADE_CONFIGURATION("DigitalOnly-4500", "digital, over 100 up to 4500 agents",           4500, UPGRADE_DIGITAL | UPGRADE_BIT(CRM))
UPGRADE_CONFIGURATION("DigitalOnly-100",  "digital, up to 100 agents",                      100, UPGRADE_DIGITAL)
#undef UPGRADE_ANY
#undef UPGRADE_VOICE
#undef UPGRADE_DIGITAL
#endif
