// Templates mean what they mean in Go's text/template, and whatever is wrong with one has a place.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../../draws.ts';
import { CallError, TemplateError } from '../../../scripts/base/go-template/template-errors.ts';
import { type Evaluation, evaluate } from '../../../scripts/base/go-template/evaluate.ts';
import { builtins } from '../../../scripts/base/go-template/functions.ts';
import { type Dialect, definitions, parseTemplate } from '../../../scripts/base/go-template/parse.ts';
import { isGoMap, valueOf } from '../../../scripts/base/go-template/values.ts';

const test = suite('base/go-template');

const data = {
  name: 'web',
  empty: '',
  none: null,
  count: 3,
  ratio: 0.5,
  on: true,
  list: ['a', 'b', 'c'],
  map: new Map<string, unknown>([
    ['z', 1],
    ['a', { b: 'deep' }],
  ]),
  call: (...args: readonly unknown[]) => `called with ${args.length}`,
};

function field(value: unknown, name: string): unknown {
  const found = isGoMap(value) ? valueOf(value, name) : undefined;
  if (found === undefined) throw new CallError(`there is no "${name}"`);
  return found;
}

const go: Dialect = { left: '{{', right: '}}', functions: builtins };
const render = (text: string, dialect = go, named?: Evaluation['named']): string =>
  evaluate(parseTemplate(text, dialect), {
    dialect,
    data,
    field,
    nil: '<no value>',
    ...(named === undefined ? {} : { named }),
  });

// What Go 1.26 prints for each.
const cases: [template: string, result: string][] = [
  ['plain', 'plain'],
  ['a {{ .name }} b', 'a web b'],
  ['{{ $.name }}{{ .map.a.b }}{{ (index .map "z") }}', 'webdeep1'],
  ['x {{- " y " -}} z', 'x y z'],
  ['{{/* a comment with }} in it */}}b{{- /* another */ -}} c', 'bc'],
  ['{{ "}}" }}{{ `{{ raw\\n }}` }}', '}}{{ raw\\n }}'],
  ['{{ if eq .name "us" "web" }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .empty }}a{{ else if ne .name "web" }}b{{ else }}c{{ end }}', 'c'],
  ['{{ with .empty }}a{{ else with .name }}[{{ . }}]{{ end }}', '[web]'],
  ['{{ and .name .empty }}|{{ or .empty .name }}|{{ not .empty }}|{{ and 1 0 }}{{ or 0 "x" }}', '|web|true|0x'],
  ['{{ .name | printf "%s-%03d" "a" 7 }}', 'a-007%!(EXTRA string=web)'],
  ['{{ printf "%q %5s|%-5s|%%" .name "x" "y" }}', '"web"     x|y    |%'],
  [
    '{{ printf "%d %s %v %x %X %.2f %t %d" 3 3 true "hi" 255 .ratio true "x" }}',
    '3 %!s(int=3) true 6869 FF 0.50 true %!d(string=x)',
  ],
  ['{{ printf "%s" }}{{ printf "%s" nil }}', '%!s(MISSING)%!s(<nil>)'],
  ['{{ len .list }}{{ len "äb" }}{{ len .map }} {{ slice "abcdef" 1 3 }}{{ slice .list 2 }}', '332 bc[c]'],
  ['{{ lt 1 2 }} {{ ge "b" "a" }} {{ le 2 1 }} {{ gt 2 1 }} {{ lt "B" "a" }}', 'true true false true true'],
  ['{{ $z := .name }}{{ $z }}{{ $z = "y" }}{{ $z }}', 'weby'],
  ['{{ $r := "a" }}{{ if true }}{{ $r := "b" }}{{ $r }}{{ end }}{{ $r }}', 'ba'],
  ['{{ range $k, $v := .map }}{{ $k }}={{ $v }};{{ end }}', 'a=map[b:deep];z=1;'],
  ['{{ range $i, $v := .list }}{{ $i }}{{ $v }}{{ end }}{{ range .list }}{{ . }}{{ end }}', '0a1b2cabc'],
  ['{{ range 3 }}{{ . }}{{ end }}{{ range .none }}x{{ else }}none{{ end }}', '012none'],
  ['{{ range .list }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'ac'],
  ['{{ range .list }}{{ . }}{{ if eq . "b" }}{{ break }}{{ end }}{{ end }}!', 'ab!'],
  [
    '{{ define "t" }}<{{ . }}{{ $ }}>{{ end }}{{ template "t" .name }}{{ block "u" .count }}{{ . }}{{ end }}',
    '<webweb>3',
  ],
  ['{{ print 1 2 "a" 3 }}{{ println "x" 1 }}', '1 2a3x 1\n'],
  ['{{ urlquery "a b&c" }} {{ html "<a\'>" }}', 'a+b%26c &lt;a&#39;&gt;'],
  ['{{ .none }} {{ print .none }} {{ . | len }}', '<no value> <nil> 9'],
  ["{{ 'a' }} {{ 0x1F }} {{ 1_000 }} {{ 1e3 }} {{ -2 }} {{ 1.5 }}", '97 31 1000 1000 -2 1.5'],
  ['{{ "\\u00e4\\x41\\t\\"" }}', 'äA\t"'],
  ['{{ .call 1 2 }}', 'called with 2'],
  ['{{ "\\x41\\u00e4\\U0001F642\\101\\a" }}b', 'Aä🙂A\x07b'],
  ["{{ '\\'' }} {{ '\\x41' }} {{ '🙂' }}", '39 65 128578'],
  ['{{ 0b101 }} {{ 0o17 }} {{ +7 }} {{ .5 }} {{ -0x10 }}', '5 15 7 0.5 -16'],
  ['{{/**/}}a{{- /* b */ -}}  c{{/*\nd\n*/}}', 'ac'],
  ['a{{-1}}b {{- 1 -}} c{{ 1 }}', 'a-1b1c1'],
  [' {{- "" -}} ', ''],
  ['{{ range $v := .list }}{{ $v }}{{ end }}', 'abc'],
  ['{{ printf "%d%d" 1 (len .list) }}{{ (index .list 0) }}', '13a'],
];

for (const [template, result] of cases) {
  test(template, () => {
    assert.is(render(template), result);
  });
}

const wrong: [template: string, line: number, offset: number, message: RegExp][] = [
  ['ab {{ .nmae }}', 1, 6, /no "nmae"/],
  ['{{ eq .name true }}', 1, 3, /cannot compare a string with a boolean/],
  ['{{ lt .list 1 }}', 1, 3, /cannot order a list and a number/],
  ['a\n{{ printff "x" }}', 2, 5, /no function "printff"; did you mean "printf"\?/],
  ['{{ constructor }}', 1, 3, /no function "constructor"/],
  ['{{ include "x" . }}', 1, 3, /no function "include"/],
  ['a {{ .name', 1, 2, /the action is not closed/],
  ['a\n\n{{/* x', 3, 3, /a comment is not closed/],
  ['{{ if .name }}x', 1, 3, /"if" has no "end"/],
  ['{{ if .name }}{{ else }}{{ else }}{{ end }}', 1, 27, /unexpected "else"/],
  ['x{{ end }}', 1, 4, /unexpected "end"/],
  ['{{ "a }}', 1, 3, /string is not closed/],
  ['{{ (print "a" }}', 1, 3, /"\(" is not closed/],
  ['{{}}', 1, 0, /a value is missing/],
  ['{{ $x }}', 1, 3, /no variable "\$x"/],
  ['{{ .name 1 }}', 1, 3, /takes no arguments/],
  ['{{ range .on }}{{ end }}', 1, 3, /cannot go over "true"/],
  ['{{ index .list 9 }}', 1, 3, /index 9 is out of range/],
  ['{{ slice "abc" 2 1 }}', 1, 3, /slice 2:1 is out of range/],
  ['{{ printf }}', 1, 3, /needs at least 1 value/],
  ['{{ template "none" }}', 1, 3, /there is no template "none"/],
  ['{{ template name }}', 1, 12, /needs a name in quotes/],
  ['{{ "\\q" }}', 1, 4, /there is no escape/],
  ['{{ 1x }}', 1, 3, /"1x" is not a number/],
  ['{{ 1.2.3 }}', 1, 3, /"1.2." is not a number/],
  ['a\n{{ `b }}', 2, 5, /a raw string is not closed/],
  ["{{ '' }}", 1, 3, /must be one character/],
  ["{{ 'ab' }}", 1, 3, /must be one character/],
  ['{{ "a\nb" }}', 1, 3, /a string is not closed/],
  ['{{ "\\U00110000" }}', 1, 4, /there is no character/],
  ['\n\n{{ "ab\\q" }}', 3, 8, /there is no escape/],
  ['{{ if 1 }}{{ end 2 }}', 1, 17, /./],
  ['{{ range $a, $b, $c := .list }}{{ end }}', 1, 11, /./],
  ['{{ $a, $b := .list }}', 1, 5, /unexpected ","/],
  ['{{ with $a, $b := .map }}{{ end }}', 1, 10, /unexpected ","/],
  ['{{ range $a, "x" := .list }}{{ end }}', 1, 11, /unexpected ","/],
  ['{{ range $a $b := .list }}{{ end }}', 1, 15, /unexpected ":="/],
  ['{{ range $a, $b .list }}{{ end }}', 1, 11, /unexpected ","/],
  ['{{ $a := $b := 1 }}', 1, 12, /unexpected ":="/],
  ['{{ .name ) }}', 1, 9, /unexpected "\)"/],
  ['{{ (.name)) }}', 1, 10, /unexpected "\)"/],
  ['{{/*/}}', 1, 0, /a comment is not closed/],
  ['{{/* x *}}', 1, 0, /a comment is not closed/],
  ['{{ . ! }}', 1, 5, /unexpected "!"/],
  ['{{ if 1 }}'.repeat(300), 1, 1993, /nested too deeply/],
  [`{{ ${'('.repeat(300)} }}`, 1, 3, /nested too deeply/],
  ['{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', 1, 19, /"t" includes itself without an end/],
  ['{{ range 90000 }}{{ range 90000 }}xxxxxxxxxx{{ end }}{{ end }}', 1, 0, /becomes longer than/],
  ['{{ range 90000 }}{{ range 90000 }}{{ end }}{{ end }}', 1, 0, /takes more than 1000000 steps/],
];

for (const [template, line, offset, message] of wrong) {
  test(`refused: ${template.slice(0, 60)}`, () => {
    try {
      render(template);
    } catch (error) {
      assert.instance(error, TemplateError);
      const found = error as TemplateError;
      assert.match(found.message, message);
      assert.equal([found.line, found.offset], [line, offset]);
      return;
    }
    assert.unreachable('it was rendered');
  });
}

test('include and tpl are Helm’s: what is written becomes a value', () => {
  const helm: Dialect = { ...go, helm: true };
  assert.is(render('{{ define "t" }}a{{ . }}{{ end }}{{ include "t" "b" | len }}', helm), '2');
  assert.is(render('{{ tpl "<{{ .name }}>" . }}', helm), '<web>');
});

test('named templates of several texts: a missing one is reported and writes nothing', () => {
  const missing: string[] = [];
  const templates = definitions([parseTemplate('{{ define "t" }}T{{ end }}', go)]);
  const named = { templates, missing: (name: string) => missing.push(name) };
  assert.is(render('{{ template "t" }}{{ template "other" }}', go, named), 'T');
  assert.equal(missing, ['other']);
});

test('what a function throws has the place of the call', () => {
  const functions = { ...builtins, bad: () => 'x'.repeat(2 ** 30) };
  try {
    render('a\n{{ bad }}', { ...go, functions });
    assert.unreachable('it was rendered');
  } catch (error) {
    assert.instance(error, TemplateError);
    assert.is((error as TemplateError).line, 2);
  }
});

test('other delimiters', () => {
  assert.is(render('${{ .name }}{{ x }}', { ...go, left: '${{' }), 'web{{ x }}');
  assert.is(render('repl{{ .name }}', { ...go, left: 'repl{{' }), 'web');
});

const pieces =
  '{{|}}| |.name|.map|"|`|$|(|)|if|else|end|range|with|index|eq|$x|:=|-|1|printf "%d"|/*|*/|\n|é|define "t"|template "t"|break|include';

test('no text crashes or hangs: it gives a value, or an error with its place', () => {
  const piece = fc.constantFrom(...pieces.split('|'), '|');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (parts) => {
      const text = parts.join('');
      try {
        render(text, { ...go, helm: true });
      } catch (error) {
        assert.instance(error, TemplateError);
        const { offset, line } = error as TemplateError;
        assert.ok(offset >= 0 && offset <= text.length);
        assert.is(line, text.slice(0, offset).split('\n').length);
      }
    }),
    { numRuns: draws(5000) },
  );
});

test.run();
