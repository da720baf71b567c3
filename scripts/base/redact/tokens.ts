// Secrets that show by their own form: keys of clouds, tokens of forges, JWTs, private keys, passwords in URLs.

import { matchAt, type Match, type Rule, type Span } from './view.ts';
import { looksRandom } from './values.ts';

/** A secret with a form of its own: the whole match is hidden, unless a group is. */
function form(name: string, starts: readonly string[], pattern: RegExp, longest = 4096): Rule {
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  return {
    name,
    starts,
    find(view, at) {
      const match = matchAt(sticky, view.text, at);
      if (!match) return undefined;
      const end = at + match[0].length;
      if (end >= view.text.length && !view.final && match[0].length < longest) return { more: at };
      return { spans: [{ start: at, end }], resume: end };
    },
  };
}

const PEM_BODY = /[A-Za-z0-9+/=\s\\:,.-]*/y;
const PEM_BEGIN = /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
/** What follows the dashes of the last line. */
const PEM_LAST = /END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_END = new RegExp(`-----${PEM_LAST.source}`);

const privateKey: Rule = {
  name: 'private key',
  starts: ['BEG'],
  find(view, at) {
    const { text } = view;
    const begin = matchAt(PEM_BEGIN, text, at);
    if (!begin || text.slice(Math.max(0, at - 5), at) !== '-----') return undefined;
    const start = at - 5;
    const from = at + begin[0].length;
    const body = matchAt(PEM_BODY, text, from)?.[0].length ?? 0;
    const end = PEM_END.exec(text.slice(from, from + body + 80));
    if (end) {
      const last = from + end.index + end[0].length;
      return { spans: [{ start, end: last }], resume: last };
    }
    // The dashes of the end belong to the body; what the body cannot hold ends it.
    if (from + body >= text.length && !view.final) return { more: start, body: { kind: 'pem' } };
    let last = from + body;
    while (/[\s\\]/.test(text.charAt(last - 1))) last--;
    return { spans: [{ start, end: last }], resume: last };
  },
};

/** A line's last word, where it can be of a key: what logs put before each line stays. */
const KEY_LINE = /(?:^|[\s"'])([A-Za-z0-9+/=]{1,4096})$/;
const FULL_LINE = 40;

/** Where the line begins that ends at `end`, in a string of JSON, too; no line is longer than what is looked at. */
function startOfLine(text: string, end: number): number {
  const from = Math.max(0, end - 4200);
  const escape = text.slice(from, end).lastIndexOf('\\n');
  return Math.max(from, text.lastIndexOf('\n', end - 1) + 1, escape < 0 ? 0 : from + escape + 2);
}

/** The end of a private key whose beginning was cut off: the lines before it are of the key. */
const privateKeyEnd: Rule = {
  name: 'end of a private key',
  starts: ['END'],
  find(view, at) {
    const { text } = view;
    const end = matchAt(PEM_LAST, text, at);
    if (!end || text.slice(Math.max(0, at - 5), at) !== '-----') return undefined;
    const last = at + end[0].length;
    const spans: Span[] = [];
    // What a log puts before each line it puts before the last one, too.
    for (let before = startOfLine(text, at); before > 0;) {
      // Lines of a string in JSON end with its escapes.
      const gap = /(?:\r?\n|(?:\\+r)?\\+n)[ \t]*$/.exec(text.slice(Math.max(0, before - 64), before));
      if (!gap) break;
      const lineEnd = before - gap[0].length;
      const start = startOfLine(text, lineEnd);
      const found = KEY_LINE.exec(text.slice(start, lineEnd))?.[1] ?? '';
      // The last line of a key is as short as it happens to be.
      if (found === '' || (found.length < FULL_LINE && spans.length > 0)) break;
      spans.push({ start: lineEnd - found.length, end: lineEnd });
      before = start;
    }
    return spans.length === 0 ? undefined : { spans: [...spans.reverse(), { start: at - 5, end: last }], resume: last };
  },
};

/** PuTTY's keys have no marks at their end, but say how many lines are private. */
const puttyKey: Rule = {
  name: 'PuTTY key',
  starts: ['pri'],
  find(view, at) {
    const count = matchAt(/Private-Lines: (\d{1,3})\r?\n/y, view.text, at);
    if (!count) return undefined;
    const start = at + count[0].length;
    const lines = Number(count[1]);
    if (!view.final && start + lines * 70 > view.text.length && lines < 40) return { more: at };
    const body = matchAt(new RegExp(`(?:[A-Za-z0-9+/=]{1,80}(?:\\r?\\n|$)){0,${lines}}`, 'y'), view.text, start);
    const end = start + (body?.[0].trimEnd().length ?? 0);
    return end > start ? { spans: [{ start, end }], resume: end } : undefined;
  },
};

/** `//user:password@host`: both are hidden, scheme and host stay. */
const url: Rule = {
  name: 'URL with a password',
  starts: ['://'],
  find(view, at) {
    const { text } = view;
    const start = at + 3;
    const rest = matchAt(/[^\s"'<>\\`]{0,2048}/y, text, start)?.[0] ?? '';
    if (start + rest.length >= text.length && !view.final && rest.length < 2048) return { more: at };
    const sign = rest.indexOf('@');
    if (sign < 0) return undefined;
    const colon = rest.indexOf(':');
    const slash = rest.search(/[/?#]/);
    if (colon < 0 || colon > sign) {
      // Without a password the user can be a token.
      const user = rest.slice(0, sign);
      const isToken = slash < 0 || slash > sign ? looksRandom(user) && user.length >= 16 : false;
      return isToken ? { spans: [{ start, end: start + sign }], resume: start + sign } : undefined;
    }
    if (slash >= 0 && slash < colon) return undefined;
    if (/^\d{1,5}(?:[/?#,;)\]}]|$)/.test(rest.slice(colon + 1)) || rest.startsWith('[')) return undefined;
    // The last @ before the path: passwords hold what they should not.
    const path = rest.slice(sign).search(/[/?#,;]/);
    const authority = path < 0 ? rest.length : sign + path;
    const last = rest.lastIndexOf('@', authority - 1);
    return userInfo(text, start, start + colon, start + last);
  },
};

/** `user:password@tcp(host)/db`, as Go's drivers want it. */
const dsn: Rule = {
  name: 'connection string of a Go driver',
  starts: ['@tc', '@un', '@ud'],
  find(view, at) {
    const { text } = view;
    const after = matchAt(/@(?:tcp|unix|udp)[46]?\(/y, text, at);
    if (!after) return at + 7 > text.length && !view.final ? { more: at } : undefined;
    let start = at;
    while (start > 0 && at - start < 512 && !/[\s"'`=<>,]/.test(text.charAt(start - 1))) start--;
    const colon = text.slice(start, at).indexOf(':');
    if (colon <= 0) return undefined;
    return userInfo(text, start, start + colon, at);
  },
};

function userInfo(text: string, start: number, colon: number, end: number): Match {
  const password = text.slice(colon + 1, end);
  if (password === '' || /^\*+(?:HIDDEN|TOKEN\w*)?\*+$/.test(password)) return undefined;
  const spans: Span[] = [];
  if (colon > start) spans.push({ start, end: colon });
  spans.push({ start: colon + 1, end, ...decoded(password) });
  return { spans, resume: end };
}

function decoded(text: string): { value?: string } {
  if (!text.includes('%')) return {};
  try {
    return { value: Buffer.from(decodeURIComponent(text), 'utf8').toString('latin1') };
  } catch {
    return {};
  }
}

const bearer: Rule = {
  name: 'bearer token',
  starts: ['bea'],
  find(view, at) {
    const match = matchAt(/bearer(?:\s|%20|\+)+([\w.~+/=-]{8,16384})/iy, view.text, at);
    if (!match) return !view.final && at + 24 > view.text.length ? { more: at } : undefined;
    const end = at + match[0].length;
    if (end >= view.text.length && !view.final && match[0].length < 16_000) return { more: at };
    const token = match[1] ?? '';
    return looksRandom(token) ? { spans: [{ start: end - token.length, end }], resume: end } : undefined;
  },
};

const basic: Rule = {
  name: 'basic authentication',
  starts: ['bas'],
  find(view, at) {
    const match = matchAt(/basic(?:\s|%20|\+)+([A-Za-z0-9+/_-]{6,4096}={0,2})/iy, view.text, at);
    if (!match) return !view.final && at + 24 > view.text.length ? { more: at } : undefined;
    const end = at + match[0].length;
    if (end >= view.text.length && !view.final) return { more: at };
    const token = match[1] ?? '';
    return isUserAndPassword(token) ? { spans: [{ start: end - token.length, end }], resume: end } : undefined;
  },
};

/** Whether base64 decodes to `user:password`. */
export function isUserAndPassword(base64: string): boolean {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return text.includes(':') && text.length >= 3 && !/[^\x20-\x7e\x80-\xff]/.test(text);
}

/** `curl -u user:password`. */
const curlUser: Rule = {
  name: 'password on a command line',
  starts: ['-u ', '--u'],
  find(view, at) {
    const match = matchAt(
      /-(?:u|-user)[ =](?:\\*["'])?([^\s"':\\/+][^\s"':\\/]{0,255}):([^\s"'\\/]{1,256})/y,
      view.text,
      at,
    );
    if (!match) return !view.final && at + 300 > view.text.length ? { more: at } : undefined;
    const end = at + match[0].length;
    if (end >= view.text.length && !view.final) return { more: at };
    const password = match[2] ?? '';
    return { spans: [{ start: end - password.length, end }], resume: end };
  },
};

/** `machine HOST login USER password …`, on one line or several. */
const netrc: Rule = {
  name: 'password of a .netrc',
  starts: ['log'],
  find(view, at) {
    const { text } = view;
    const match = matchAt(/login\s{1,64}[^\s"']{1,256}\s{1,64}password\s{1,64}([^\s"']{1,512})/iy, text, at);
    if (!match) return undefined;
    if (!/(?:machine\s+\S+|default)\s+$/i.test(text.slice(Math.max(0, at - 300), at))) return undefined;
    const end = at + match[0].length;
    if (end >= text.length && !view.final) return { more: at };
    return { spans: [{ start: end - (match[1] ?? '').length, end }], resume: end };
  },
};

export const TOKEN_RULES: readonly Rule[] = [
  privateKey,
  privateKeyEnd,
  puttyKey,
  netrc,
  url,
  dsn,
  bearer,
  basic,
  curlUser,
  form('JWT', ['eyJ'], /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]+)*/, 65_536),
  form(
    'AWS access key',
    ['AKI', 'ASI', 'ABI', 'ACC', 'A3T'],
    /(?<![A-Za-z0-9+/])(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9+/])/,
  ),
  form('GitHub token', ['ghp', 'gho', 'ghu', 'ghs', 'ghr'], /gh[pousr]_[A-Za-z0-9]{30,255}/),
  {
    name: 'GitHub token',
    starts: ['b_p'],
    find(view, at) {
      const match = matchAt(/(?<=githu)b_pat_[A-Za-z0-9_]{22,255}/y, view.text, at);
      if (!match) return undefined;
      const end = at + match[0].length;
      if (end >= view.text.length && !view.final) return { more: at - 5 };
      return { spans: [{ start: at - 5, end }], resume: end };
    },
  },
  form('GitLab token', ['glp', 'gld', 'glr', 'glc'], /gl(?:pat|dt|rt|cbt)-[\w-]{20,}/),
  form('Slack token', ['xox', 'xap'], /xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}/),
  form('Google key', ['AIz', 'ya2'], /AIza[\w-]{35}|ya29\.[\w-]{20,}/),
  form('Hugging Face token', ['hf_'], /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}/),
  form('npm token', ['npm'], /npm_[A-Za-z0-9]{36}/),
  form('PyPI token', ['pyp'], /pypi-[\w-]{50,}/),
  form('Stripe key', ['sk_', 'rk_'], /(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/),
  form('API key', ['sk-'], /(?<![A-Za-z0-9])sk-(?:[a-z]{2,8}-)?[\w-]{32,}/),
  form('Docker Hub token', ['dck'], /dckr_[ps]at_[\w-]{20,}/),
  form('Vault token', ['hvs', 'hvb'], /hv[sb]\.[\w-]{20,}/),
  form('DigitalOcean token', ['dop', 'doo', 'dor'], /do[por]_v1_[a-f0-9]{64}/),
  form('SendGrid key', ['SG.'], /SG\.[\w-]{16,}\.[\w-]{16,}/),
  form('k3s token', ['K10'], /K10[0-9a-f]{64}::[\w.:-]+/),
];
