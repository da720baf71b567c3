// Globs as Go's gobwas/glob has them with `/` as separator: `*` stays within a part of a path, `**` does not.

/** A pattern for whole paths; throws a SyntaxError for a set of characters that is none. */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i);
    const next = glob.charAt(i + 1);
    if (char === '\\' && next !== '') {
      source += escaped(next);
      i++;
    } else if (char === '*') {
      source += next === '*' ? '[^]*' : '[^/]*';
      while (glob.charAt(i + 1) === '*') i++;
    } else if (char === '?') {
      source += '[^/]';
    } else if (char === '{') {
      depth++;
      source += '(?:';
    } else if (char === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (char === ',' && depth > 0) {
      source += '|';
    } else if (char === '[' && glob.indexOf(']', i + 2) > 0) {
      const end = glob.indexOf(']', i + 2);
      const members = glob.slice(i + 1, end);
      const negated = /^[!^]/.test(members);
      source += `[${negated ? '^' : ''}${members.slice(negated ? 1 : 0).replace(/[\\\]^]/g, '\\$&')}]`;
      i = end;
    } else {
      source += escaped(char);
    }
  }
  return new RegExp(`^${source}${')'.repeat(depth)}$`);
}

const escaped = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
