// The package's lexer, with the places mended where go-yaml takes a text apart in another way.

import { CST, Lexer } from 'yaml';

/** Those inner parts of the lexer that are needed here; test/kube/manifests/kubectl.test.ts notices where they change. */
interface Inner {
  buffer: string;
  pos: number;
  flowLevel: number;
  indentNext: number;
  charAt(offset: number): string | undefined;
  continueScalar(offset: number): number;
  pushToIndex(end: number, allowEmpty: boolean): Generator<string>;
  pushIndicators(): Generator<string, number>;
  parseQuotedScalar(): Generator<string, string>;
  parsePlainScalar(): Generator<string, string>;
}

export function goLexer(): Lexer {
  const lexer = new Lexer();
  const inner = lexer as unknown as Inner;
  const quoted = inner.parseQuotedScalar.bind(lexer);
  const plain = inner.parsePlainScalar.bind(lexer);
  const indicators = inner.pushIndicators.bind(lexer);

  // Tools fold long quoted texts so that the next line is no deeper than the key.
  inner.parseQuotedScalar = function* () {
    const { indentNext } = inner;
    inner.indentNext = 0;
    const next = yield* quoted();
    inner.indentNext = indentNext;
    return next;
  };
  // `[fd00::, x]`: a colon ends a text only before a space.
  inner.parsePlainScalar = function* () {
    return inner.flowLevel > 0 ? yield* flowScalar(inner) : yield* plain();
  };
  // `[cat, -]`: a dash is a list item only before a space.
  inner.pushIndicators = function* () {
    const text = inner.flowLevel > 0 && inner.charAt(0) === '-' && !isBlank(inner.charAt(1));
    return text ? 0 : yield* indicators();
  };
  return lexer;
}

function* flowScalar(lexer: Inner): Generator<string, string> {
  const { buffer } = lexer;
  let end = lexer.pos - 1;
  for (let at = lexer.pos; at < buffer.length; at++) {
    const char = buffer[at];
    if (char === undefined || isIndicator(char)) break;
    if (!isBlank(char)) {
      if (char === ':' && isBlank(buffer[at + 1])) break;
      end = at;
      continue;
    }
    if (buffer[at + 1] === '#') break;
    if (char !== '\n') continue;
    const next = lexer.continueScalar(at + 1);
    if (next === -1) break;
    at = Math.max(at, next - 1);
    if (buffer[next] === '#') break;
  }
  yield CST.SCALAR;
  yield* lexer.pushToIndex(end + 1, true);
  return 'flow';
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || ' \t\r\n'.includes(char);
}

function isIndicator(char: string): boolean {
  return ',[]{}'.includes(char);
}
