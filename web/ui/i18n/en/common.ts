// SPDX-License-Identifier: Apache-2.0
export default {
	"brand": "Pelago",
	"signOut": "Sign out",
	"user": "Signed in as {name}",
	"skip": "Skip to content",
	"working": "Just a moment…",
	"tryAgain": "Try again",
	"cancel": "Cancel",
	"signInFailed": "Sign-in did not work",
	"signInFailed.text": "The sign-in service said: {reason}",
	"unreachable": "The server can't be reached. Check the network, then try again.",
	"seconds": "{n} s",
	"minutes": "{n} min",
	"hours": "{n} h",
	"days": "{n} d",
};
