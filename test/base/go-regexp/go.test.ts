// Go's regular expressions on V8 against Go itself: the same patterns, texts and replacements.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../../draws.ts';
import { GoRegExp, GoRegExpError } from '../../../scripts/base/go-regexp.ts';

const own = suite('base: Go regular expressions, by Go');

const GO_PROGRAM = `package main

import ("bufio"; "encoding/json"; "fmt"; "os"; "regexp"; "unicode/utf16")

type question struct{ Pattern, Text, Template string }
type answer struct {
	Error    string
	Names    []string
	Matches  [][]int
	Replaced string
	Split    []string
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil { panic(err) }
		a := answer{}
		re, err := regexp.Compile(q.Pattern)
		if err != nil {
			a.Error = err.Error()
		} else {
			a.Names = re.SubexpNames()
			a.Replaced = re.ReplaceAllString(q.Text, q.Template)
			a.Split = re.Split(q.Text, 3)
			for _, m := range re.FindAllStringSubmatchIndex(q.Text, -1) {
				units := []int{}
				for _, i := range m {
					if i >= 0 { i = len(utf16.Encode([]rune(q.Text[:i]))) }
					units = append(units, i)
				}
				a.Matches = append(a.Matches, units)
			}
		}
		line, _ := json.Marshal(a)
		fmt.Fprintln(out, string(line))
	}
}
`;

interface Question {
  Pattern: string;
  Text: string;
  Template: string;
}

interface Answer {
  Error: string;
  Names: string[] | null;
  Matches: number[][] | null;
  Replaced: string;
  Split: string[] | null;
}

const hasGo = spawnSync('go', ['version']).status === 0;
const withGo: (name: string, run: () => void) => void = hasGo ? own : own.skip.bind(own);

/** What Go answers to each question. */
function askGo(questions: readonly Question[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-go-regexp-'));
  try {
    writeFileSync(join(folder, 'main.go'), GO_PROGRAM);
    writeFileSync(join(folder, 'go.mod'), 'module ask\n\ngo 1.21\n');
    const run = spawnSync('go', ['run', '.'], {
      cwd: folder,
      input: questions.map((question) => JSON.stringify(question)).join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOPROXY: 'off' },
    });
    assert.is(run.status, 0, run.stderr);
    return run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same by ours. */
function askOurs({ Pattern, Text, Template }: Question): Answer {
  try {
    const re = new GoRegExp(Pattern);
    const matches = re.findAll(Text);
    const spans = matches.map((match) => re.spans(Text, match));
    for (const [i, match] of matches.entries()) {
      const texts = spans[i]?.map(([start, end]) => (start < 0 ? undefined : Text.slice(start, end)));
      assert.equal([...match.groups], texts, `groups and spans of ${Pattern}`);
    }
    return {
      Error: '',
      Names: [...re.groupNames],
      Matches: matches.length === 0 ? null : spans.map((span) => span.flat()),
      Replaced: re.replaceAll(Text, Template),
      Split: re.split(Text, 3),
    };
  } catch (error) {
    if (!(error instanceof GoRegExpError)) throw error;
    return { Error: error.message, Names: null, Matches: null, Replaced: '', Split: null };
  }
}

function compare(questions: readonly Question[]): void {
  const answers = askGo(questions);
  assert.is(answers.length, questions.length);
  const bad: string[] = [];
  for (const [i, question] of questions.entries()) {
    const theirs = answers[i];
    const ours = askOurs(question);
    const about = `${JSON.stringify(question)}\nGo: ${JSON.stringify(theirs)}\nours: ${JSON.stringify(ours)}`;
    const same = (ours.Error === '') === (theirs?.Error === '');
    if (!same || JSON.stringify({ ...ours, Error: '' }) !== JSON.stringify({ ...theirs, Error: '' })) bad.push(about);
  }
  assert.is(bad.length, 0, bad.slice(0, 20).join('\n\n'));
}

const TEXTS = [
  '',
  'a',
  'aab abb\nabc\r\nAbC_9\t-x é ſ K \u212a \u2028 z\v!',
  'foo=bar; Foo="b𝒜r"\n\nüÜ ǅ ß ẞ',
  'ab'.repeat(9),
];

/** Patterns by their grammar, valid for the most part, and some that are not. */
const { pattern: generated } = fc.letrec<{ pattern: string; piece: string; atom: string; member: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('piece'), { maxLength: 4 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((branches) => branches.join('|')),
  piece: fc
    .tuple(
      tie('atom'),
      fc.constantFrom('', '', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}', '{', '{,2}'),
    )
    .map((parts) => parts.join('')),
  atom: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(
      ...Array.from('abAB kKsSé_-"=9'),
      '𝒜',
      '\\n',
      '\\t',
      '\\.',
      '\\x41',
      '\\x{1d49c}',
      '\\101',
      '\\Qa.b\\E',
      '\\-',
      '\\v',
    ),
    fc.constantFrom('.', '^', '$', '\\b', '\\B', '\\A', '\\z', '\\d', '\\s', '\\w', '\\D', '\\S', '\\W'),
    fc.constantFrom(
      '\\pL',
      '\\p{Lu}',
      '\\P{Greek}',
      '\\pN',
      '\\p{^Latin}',
      '\\p{Han}',
      '(?i)',
      '(?s)',
      '(?m)',
      '(?U)',
      '(?-i)',
    ),
    fc
      .tuple(fc.constantFrom('', '^'), fc.array(tie('member'), { minLength: 1, maxLength: 3 }))
      .map(([sign, members]) => `[${sign}${members.join('')}]`),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<n>', '(?<m>', '(?s-i:', '(?mU:'), tie('pattern'))
      .map(([open, inner]) => `${open}${inner})`),
  ),
  member: fc.constantFrom(
    ...Array.from('abkKsS9_-.^é'),
    'a-c',
    'A-Z',
    'à-ü',
    '\\d',
    '\\W',
    '\\S',
    '[:alpha:]',
    '[:^space:]',
    '[:punct:]',
    '\\pL',
    '\\P{Lu}',
    '\\n',
    '\\]',
    '\\\\',
  ),
}));

const template = fc.constantFrom('<$0>', '${1}x', '$1x', '$n-$m', '$$', '$', '${', '[${n}]');

withGo('generated patterns match what Go matches', () => {
  const questions = fc
    .sample(fc.tuple(generated, fc.constantFrom(...TEXTS), template), {
      numRuns: draws(3000),
      seed: Number(process.env['FUZZ_SEED'] ?? 7),
    })
    .map(([Pattern, Text, Template]) => ({ Pattern, Text, Template }));
  compare(questions);
});

withGo('what Go refuses is refused, what it takes is taken', () => {
  const patterns = [
    ...[
      '(',
      ')',
      '(?P<n',
      '(?P<>a)',
      '(?P<a-b>x)',
      '(?=a)',
      '(?!a)',
      '(?<=a)',
      '(?i',
      '(?)',
      '(?-)',
      '(?i-)',
      '(?i-s:a)',
    ],
    ...['a**', 'a*+', 'a{2}{3}', 'a{2}?', 'a{1001}', 'a{2,1}', '(a{50}){50}', '(a{30}){30}', 'a{', 'a{,3}', 'a{01}'],
    ...['*', '|*', '(*)', '(|a)*', '(a|)+', '^*', '\\b+', 'a(?i)*', '[', '[a', '[]', '[]a]', '[^]a]', '[a-]', '[-a]'],
    ...[
      '[b-a]',
      '[a-\\d]',
      '[\\d-z]',
      '[[:foo:]]',
      '[[:alpha:]',
      '[:alpha:]',
      '[[.a.]]',
      '[[=a=]]',
      '\\',
      '\\C',
      '\\1',
    ],
    ...[
      '\\8',
      '\\08',
      '\\18',
      '\\777',
      '\\x',
      '\\x4',
      '\\x{}',
      '\\x{110000}',
      '\\x{41',
      '\\q',
      '\\Z',
      '\\é',
      '\\_',
      '\\Q',
      '\\Qa',
    ],
    ...['\\p', '\\p{', '\\p{Foo}', '\\pX', '\\p{Any}', '\\p{ASCII}', '\\p{Latin}', '\\p{Thai}', '\\p{Tha}'],
    ...['\\p{Cs}', '\\p{L&}', '\\p{Braille}', '\\p{Nko}', '\\p{SignWriting}', '\\p{Grek}', '\\p{Zyyy}'],
    ...['(?i)\\p{Lu}', '(?i)[^k]', '(?i)[\\W]', '(?i)straße', '(?i)K', '(?i)ſ', '(?i)ı', '(?i)İ', '(?i)Ǆ', '(?i)[α-ω]'],
    ...[
      '(?P<n>a)(?P<n>b)',
      '(?:(a)|b)+',
      '(a*)*',
      '(a*)+',
      '(?:a?)??b',
      '(a|b)*?c',
      '(?:(a)|(b)|c){2}',
      'x{0}',
      '(x){0}y',
    ],
    ...[
      '(?m)^a|b$',
      '(?m)^$',
      '$^',
      'a$b',
      '\\z\\A',
      '\\B',
      '(?s).',
      '(?-s).',
      '(?U)a+',
      '(?U)a+?',
      '\\/',
      '[/]',
      '[a&&b]',
      '[~~]',
    ],
  ];
  compare(patterns.flatMap((Pattern) => TEXTS.map((Text) => ({ Pattern, Text, Template: '<$1>' }))));
});

own.run();
