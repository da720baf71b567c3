// What a chart's .helmignore leaves out, by helm's own rules.

/** Whether a path below the chart, with slashes, is left out. */
export type Ignores = (path: string, isFolder: boolean) => boolean;

interface Rule {
  negated: boolean;
  foldersOnly: boolean;
  matches: (path: string) => boolean;
}

/** Lines that helm itself refuses are passed over; it says so when it loads the chart. */
export function readHelmIgnore(text: string): Ignores {
  const rules = ['templates/.?*', ...text.split('\n')].flatMap(ruleOf);
  return (path, isFolder) => {
    for (const { negated, foldersOnly, matches } of rules) {
      // Helm's negated rules leave out all that does not match, which is why charts hardly use them.
      if (negated && ((foldersOnly && !isFolder) || !matches(path))) return true;
      if (!negated && (!foldersOnly || isFolder) && matches(path)) return true;
    }
    return false;
  };
}

function ruleOf(line: string): Rule[] {
  const rule = line.trim();
  if (rule === '' || rule.startsWith('#') || rule.includes('**')) return [];
  const negated = rule.startsWith('!');
  const pattern = rule.slice(negated ? 1 : 0).replace(/\/$/, '');
  const matcher = patternOf(pattern.replace(/^\//, ''));
  if (matcher === undefined) return [];
  const matches = pattern.includes('/')
    ? (path: string): boolean => matcher.test(path)
    : (path: string): boolean => matcher.test(path.slice(path.lastIndexOf('/') + 1));
  return [{ negated, foldersOnly: rule.endsWith('/'), matches }];
}

/** Go's filepath.Match as a regular expression; undefined where it is no pattern. */
function patternOf(pattern: string): RegExp | undefined {
  const source = pattern.replaceAll(
    /\\(.)|\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|[$()+.[\]^{|}\\]/g,
    (found, escaped, not, set) => {
      if (typeof escaped === 'string') return `\\u{${escaped.codePointAt(0)?.toString(16) ?? ''}}`;
      if (found === '*') return '[^/]*';
      if (found === '?') return '[^/]';
      if (typeof set === 'string') return `[${String(not)}${set.replaceAll(/[[\]&~|]/g, String.raw`\$&`)}]`;
      return `\\${found}`;
    },
  );
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return undefined;
  }
}
