// SPDX-License-Identifier: Apache-2.0
import type en from "../en/signin.ts";
const de: Record<keyof typeof en, string> = {
	"title": "Anmelden",
	"welcome": "Bei Pelago anmelden",
	"lead": "Das offene Kontaktzentrum",
	"username": "Benutzername",
	"password": "Kennwort",
	"show": "Kennwort zeigen",
	"hide": "Kennwort verbergen",
	"submit": "Anmelden",
	"wrong": "Benutzername oder Kennwort ist falsch.",
	"locked": "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann erneut.",
	"locked.seconds": "Zu viele Versuche. Versuchen Sie es in {n} Sekunden erneut.",
	"incomplete": "Geben Sie Benutzernamen und Kennwort ein.",
	"noRequest": "Diese Seite gehört zu einer Anmeldung, die anderswo beginnt.",
	"begin": "Zur Startseite",
	"failed": "Der Anmeldedienst kann gerade nicht antworten. Versuchen Sie es gleich noch einmal.",
	"menu.title": "Wohin?",
	"menu.none": "Für Ihre Rolle gibt es noch keine Seite. Fragen Sie Ihren Administrator, wenn Sie eine erwartet haben.",
	"menu.workspaces": "Workspaces",
	"menu.workspaces.text": "Mit Kunden sprechen",
	"menu.manager": "Manager",
	"menu.manager.text": "Cluster, Knoten und Dienste",
	"menu.demo": "Demo-Laden",
	"menu.demo.text": "Eine Ladenseite mit dem Chat-Fenster",
};
export default de;
