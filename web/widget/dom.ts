// SPDX-License-Identifier: Apache-2.0

type Properties = Record<string, string | boolean | number | ((event: never) => void)>;

/** Makes an element: `on…` are listeners, true is an empty attribute, false none. */
export function el<K extends keyof HTMLElementTagNameMap>(
	tag: K, properties: Properties = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (typeof value === "function")
			element.addEventListener(name.slice(2), value as EventListener);
		else if (value !== false)
			element.setAttribute(name, value === true ? "" : String(value));
	}
	element.append(...children);
	return element;
}

/** Sets text only when it changed, so that live regions don't repeat themselves. */
export function setText(element: HTMLElement, text: string): void {
	if (element.textContent !== text)
		element.textContent = text;
}

export function icon(path: string): SVGSVGElement {
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
	shape.setAttribute("d", path);
	svg.append(shape);
	return svg;
}

export const icons = {
	chat: "M4 5h16v11H9l-5 4z",
	down: "M6 9l6 6 6-6",
	attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.6 8.5a1.6 1.6 0 0 1-2.3-2.3L14.5 7",
	send: "M4 12l16-8-6 16-3-6z",
};
