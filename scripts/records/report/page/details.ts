// The box with details of a step or run: follows the pointer, and the keyboard's focus.

import { select } from 'd3-selection';

/** A heading and lines below it. */
export interface Details {
  title: string;
  lines: readonly string[];
}

const box = select(document.body)
  .append('div')
  .attr('class', 'details')
  .attr('role', 'tooltip')
  .attr('id', 'details')
  .attr('hidden', '');

/** Shows details while the element is hovered or has the focus. */
export function detailsOn(element: SVGElement, details: () => Details): void {
  const show = (x: number, y: number): void => {
    const { title, lines } = details();
    box.attr('hidden', null).selectChildren().remove();
    box.append('strong').text(title);
    for (const line of lines) box.append('span').text(line);
    place(x, y);
  };
  element.setAttribute('aria-describedby', 'details');
  element.addEventListener('pointermove', ({ clientX, clientY }) => show(clientX, clientY));
  element.addEventListener('pointerleave', hide);
  element.addEventListener('focus', () => {
    const { left, bottom, width } = element.getBoundingClientRect();
    show(left + width / 3, bottom);
  });
  element.addEventListener('blur', hide);
}

function place(x: number, y: number): void {
  const node = box.node();
  if (node === null) return;
  const gap = 14;
  const { offsetWidth, offsetHeight } = node;
  const left = Math.min(x + gap, window.innerWidth - offsetWidth - gap);
  const top = y + gap + offsetHeight > window.innerHeight ? y - gap - offsetHeight : y + gap;
  box.style('left', `${Math.max(gap, left)}px`).style('top', `${Math.max(gap, top)}px`);
}

function hide(): void {
  box.attr('hidden', '');
}

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') hide();
});

/** One tab stop for all of `elements`; the arrow keys, Home and End move among them. */
export function arrowKeys(elements: readonly SVGElement[], back: string, forth: string): void {
  const move = (from: number, to: number): void => {
    const target = elements[Math.max(0, Math.min(elements.length - 1, to))];
    elements[from]?.setAttribute('tabindex', '-1');
    target?.setAttribute('tabindex', '0');
    target?.focus();
  };
  for (const [index, element] of elements.entries()) {
    element.setAttribute('tabindex', index === 0 ? '0' : '-1');
    element.addEventListener('keydown', (event) => {
      const to = { [back]: index - 1, [forth]: index + 1, Home: 0, End: elements.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      move(index, to);
    });
  }
}
