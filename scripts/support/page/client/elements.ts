// Elements of the page: text is only ever set as text.

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

export function table(heads: readonly string[], body: HTMLElement): HTMLElement {
  const row = el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)));
  return el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, row), body));
}

/** A time as the reader's clock has it; what is none stays. */
export function when(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toLocaleString();
}
