// How GitHub and GitLab fold the output of an action in a log, and what keeps that output from doing it, or more, itself.

/** What a CI obeys in a log. */
export interface Markers {
  open(name: string): string;
  close(name: string): string;
  /** A text without what the CI would obey. @param cut its last line goes on where it ends */
  tame(text: string, cut?: boolean): string;
}

/** Undefined where neither of them shows the log. @param nowSeconds since 1970 */
export function markersFor(
  env: Readonly<Record<string, string | undefined>>,
  nowSeconds: () => number,
): Markers | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return github;
  return env['GITLAB_CI'] === 'true' ? gitlab(nowSeconds) : undefined;
}

/** They are only shown, or hide something: compilers and linters write them, so that they stand beside the code. */
const HARMLESS = /^(?:error|warning|notice|debug|add-mask)(?: [^\n\r]*?)?::/i;

/**
 * GitHub's runner obeys a line whose first characters are `::`, after white space of any kind, and has another `::`; and `##[`
 * anywhere in a line. A carriage return ends a line for it, too.
 */
const COMMAND = /(^|[\n\r])([^\x21-\x7e\n\r]*)::/g;

const github: Markers = {
  open: (name) => `::group::${name.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')}\n`,
  close: () => '::endgroup::\n',
  tame(text, cut = false) {
    if (text.includes('##[')) text = text.replaceAll('##[', '# #[');
    if (!text.includes('::')) return text;
    return text.replace(COMMAND, (whole, end: string, space: string, at: number) => {
      const follows = text.slice(at + whole.length);
      const line = /^[^\n\r]*/.exec(follows)?.[0] ?? '';
      const closed = line.includes('::') || (cut && line.length === follows.length);
      return closed && !HARMLESS.test(line) ? `${end}${space}: :` : whole;
    });
  },
};

function gitlab(nowSeconds: () => number): Markers {
  /** Sections are known by their names, of which there may be two alike: each action's name is its own in a run. */
  const section = (name: string): string => `hoist_${name.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 80)}`;
  return {
    open: (name) => `\x1b[0Ksection_start:${nowSeconds()}:${section(name)}\r\x1b[0K${name}\n`,
    close: (name) => `\x1b[0Ksection_end:${nowSeconds()}:${section(name)}\r\x1b[0K\n`,
    tame: (text) => text.replace(/section_(start|end)(?=:\d+:)/g, 'section-$1'),
  };
}

/** A line longer than this is handed on in parts. */
const LONGEST = 64 * 1024;

/** What an action writes into one stream, tamed line by line. */
export class TamedStream {
  #rest = '';

  constructor(readonly markers: Markers) {}

  /** Whole lines, but for very long ones. */
  push(chunk: Buffer): Buffer {
    const text = this.#rest + chunk.toString('latin1');
    const lines = text.lastIndexOf('\n') + 1;
    const long = text.length - lines > LONGEST;
    const end = long ? placeToCut(text, lines) : lines;
    this.#rest = text.slice(end);
    return Buffer.from(this.markers.tame(text.slice(0, end), long), 'latin1');
  }

  /** The last line, ended: a marker begins a line of its own. */
  flush(): Buffer {
    const rest = this.#rest;
    this.#rest = '';
    return Buffer.from(rest === '' ? '' : `${this.markers.tame(rest)}\n`, 'latin1');
  }
}

/** Where a long line is cut: not within what may become something to be tamed. */
function placeToCut(text: string, from: number): number {
  let end = text.length;
  while (end > from && text.length - end < 4096 && /[\w:#]/.test(text[end - 1] ?? '')) end--;
  return end > from ? end : text.length;
}
