// Draws the output of a real `hoist up` as docs/images/up.svg: `npm run picture`. The cluster is removed afterwards.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
const NAME = 'dev-picture';
const CELL = { width: 8.4, height: 18 };
const MARGIN = 16;
const COLUMNS = 80;

/** What the terminal's colours are drawn as, on light and on dark. */
const PAINT = {
  text: ['#1f2328', '#e6edf3'],
  back: ['#f6f8fa', '#0d1117'],
  edge: ['#d0d7de', '#30363d'],
  green: ['#1a7f37', '#3fb950'],
  yellow: ['#9a6700', '#d29922'],
  red: ['#cf222e', '#f85149'],
} as const;

interface Span {
  text: string;
  classes: readonly string[];
}

const hoist = (...args: string[]): string =>
  execFileSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

try {
  const args = ['up', '--name', NAME, '--provider', 'embedded', '--merge-kubeconfig', 'false'];
  const first = hoist(...args);
  const second = hoist(...args);
  const lines = ['$ hoist up', ...first.split('\n'), '$ hoist up', ...second.split('\n').slice(0, 2)]
    .map((line) => line.replaceAll(NAME, 'dev').replaceAll(process.env['HOME'] ?? '~', '~'))
    .filter((line) => line !== '');
  writeFileSync(new URL('up.svg', import.meta.url), svg(lines));
} finally {
  hoist('down', NAME);
}

/** Classes of the styles that are in force, from the terminal's codes. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let classes: string[] = [];
  // The codes stand at odd places of what is split by them.
  for (const [at, part] of line.split(/\x1b\[([\d;]*)m/).entries()) {
    if (at % 2 === 0) {
      if (part !== '') spans.push({ text: part, classes });
      continue;
    }
    for (const code of part.split(';')) classes = styled(classes, Number(code));
  }
  return spans;
}

function styled(classes: readonly string[], code: number): string[] {
  const added = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow' }[code];
  if (added !== undefined) return [...classes, added];
  if (code === 22) return classes.filter((one) => one !== 'bold' && one !== 'dim');
  return code === 39 ? classes.filter((one) => one === 'bold' || one === 'dim') : [];
}

function svg(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  const rows = lines.map((line, i) => {
    const spans = spansOf(line).map(
      ({ text, classes }) => `<tspan class="${classes.join(' ')}">${escaped(text)}</tspan>`,
    );
    const y = MARGIN + (i + 0.75) * CELL.height;
    return `<text x="${MARGIN}" y="${y}">${spans.join('')}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="hoist up, run twice">`,
    `<style>${styles(0)} @media (prefers-color-scheme: dark) { ${styles(1)} }</style>`,
    `<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function styles(theme: 0 | 1): string {
  const of = (name: keyof typeof PAINT): string => PAINT[name][theme];
  return [
    `text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: ${of('text')}; white-space: pre; }`,
    `.back { fill: ${of('back')}; stroke: ${of('edge')}; }`,
    ...(['green', 'yellow', 'red'] as const).map((name) => `.${name} { fill: ${of(name)}; }`),
    '.bold { font-weight: 600; } .dim { opacity: 0.65; }',
  ].join(' ');
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character);
}
