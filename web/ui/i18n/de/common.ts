// SPDX-License-Identifier: Apache-2.0
import type en from "../en/common.ts";
const de: Record<keyof typeof en, string> = {
	"brand": "Pelago",
	"signOut": "Abmelden",
	"user": "Angemeldet als {name}",
	"skip": "Zum Inhalt springen",
	"working": "Einen Moment …",
	"tryAgain": "Noch einmal versuchen",
	"note.danger": "Fehler:",
	"note.warning": "Warnung:",
	"note.info": "Hinweis:",
	"note.success": "Gut:",
	"cancel": "Abbrechen",
	"signInFailed": "Die Anmeldung ist gescheitert",
	"signInFailed.text": "Der Anmeldedienst meldet: {reason}",
	"unreachable": "Der Server ist nicht erreichbar. Prüfen Sie das Netz und versuchen Sie es dann erneut.",
	"seconds": "{n} s",
	"minutes": "{n} min",
	"hours": "{n} h",
	"days": "{n} T",
};
export default de;
