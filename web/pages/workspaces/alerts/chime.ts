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

export function play(sound: keyof typeof sounds): void {
	audio ??= new AudioContext();
	if (audio.state === "suspended")
		void audio.resume();
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
