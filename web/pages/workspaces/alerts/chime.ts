// SPDX-License-Identifier: Apache-2.0

/** The desk's sounds, made on the spot. Browsers allow them after the page was clicked or typed into. */

type Tone = readonly [hertz: number, atSeconds: number, forSeconds: number];

const sounds = {
	/** Somebody waits: two rising tones. */
	offer: [[659, 0, 0.16], [880, 0.18, 0.3]],
	/** A word in a contact that isn't looked at. */
	message: [[523, 0, 0.09]],
} as const satisfies Record<string, readonly Tone[]>;

const loudness = 0.12;
let audio: AudioContext | null = null;

/** A sound that may be heard only later is none: it would come with all that were held back with it. */
const patience = 1000;

export function play(sound: keyof typeof sounds): void {
	if (typeof AudioContext === "undefined")
		return;
	audio ??= new AudioContext();
	const asked = performance.now();
	if (audio.state === "running")
		playNow(audio, sound);
	else {
		void audio.resume().then(() => {
			if (audio && performance.now() - asked < patience)
				playNow(audio, sound);
		});
	}
}

function playNow(audio: AudioContext, sound: keyof typeof sounds): void {
	const start = audio.currentTime + 0.02;
	for (const [hertz, at, lasts] of sounds[sound])
		playTone(audio, hertz, start + at, lasts);
}

function playTone(at: AudioContext, hertz: number, begins: number, lasts: number): void {
	const tone = at.createOscillator();
	const volume = at.createGain();
	tone.type = "sine";
	tone.frequency.value = hertz;
	// Soft edges: a tone that is cut clicks.
	volume.gain.setValueAtTime(0, begins);
	volume.gain.linearRampToValueAtTime(loudness, begins + 0.02);
	volume.gain.exponentialRampToValueAtTime(0.001, begins + lasts);
	tone.connect(volume).connect(at.destination);
	tone.start(begins);
	tone.stop(begins + lasts + 0.05);
}
