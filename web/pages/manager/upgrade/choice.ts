// SPDX-License-Identifier: Apache-2.0

/** What is to be upgraded, as the form has it. */
export interface Choice {
	version: string;
	mode: "window" | "rolling";
	configuration: string;
	options: ReadonlySet<string>;
	/** Somebody says to have read the release notes. */
	isRead: boolean;
}

const voice = ["MobileCommunications", "CoBrowse", "Outbound", "CRMgateway", "SmsConnector", "PacketMetric", "Logging"];
const digital = [
	"Bot", "Messaging", "Chat", "CoBrowse", "GenericChannel", "Social", "SMS", "SmsConnector", "DataView",
	"PacketMetric", "Logging",
];

/** As tables/upgrade.h has them; the manager decides by itself. */
const options: Record<string, string[]> = {
	"Combined-4500": [...new Set([...voice, ...digital])],
	"Combined-100": [...new Set([...voice, ...digital])],
	"VoiceOnly-4500": voice,
	"VoiceOnly-100": voice,
	"DigitalOnly-4500": [...digital, "CRMgateway"],
	"DigitalOnly-100": digital,
};

export const configurations = Object.keys(options);

export const optionsOf = (configuration: string): string[] => options[configuration] ?? [];

/** The body of a request; options that the configuration hasn't are left out. */
export function wishOf({ version, mode, configuration, options: chosen, isRead }: Choice): object {
	return {
		version, mode, group: 1, configuration, acknowledge: isRead,
		options: optionsOf(configuration).filter((name) => chosen.has(name)),
	};
}
