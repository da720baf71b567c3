// Templates of task files: inputs and variables are maps of strings, and what is wrong has a place.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TemplateError } from '../../../scripts/base/go-template/template-errors.ts';
import { referencesOf } from '../../../scripts/tasks/templates/references.ts';
import { render } from '../../../scripts/tasks/templates/template.ts';

const templates = suite('tasks: templates');

const data = new Map([
  [
    'inputs',
    new Map([
      ['zone', 'eu'],
      ['pool-size', '4"x'],
      ['empty', ''],
    ]),
  ],
  ['variables', new Map([['V', '1.10']])],
]);

// What Go 1.26 prints for each.
const cases: [template: string, result: string][] = [
  ['a ${{ .inputs.zone }} b', 'a eu b'],
  ['${{ index .inputs "pool-size" }}', '4"x'],
  ['${{ index .inputs "nope" }}|', '|'],
  ['${{ .variables.V }}', '1.10'],
  ['x ${{- " y " -}} z', 'x y z'],
  ['${{/* a comment */}}b', 'b'],
  ['${{ if eq .inputs.zone "us" "eu" }}yes${{ else }}no${{ end }}', 'yes'],
  ['${{ if .inputs.empty }}a${{ else if ne .inputs.zone "eu" }}b${{ else }}c${{ end }}', 'c'],
  ['${{ and .inputs.zone .inputs.empty }}|${{ or .inputs.empty .inputs.zone }}|${{ not .inputs.empty }}', '|eu|true'],
  ['${{ .inputs.zone | printf "%s-%03d" "a" 7 }}', 'a-007%!(EXTRA string=eu)'],
  ['${{ printf "%q %5s|%-5s|" .inputs.zone "x" "y" }}', '"eu"     x|y    |'],
  ['${{ len .inputs.zone }} ${{ lt 1 2 }} ${{ ge "b" "a" }} ${{ le 2 1 }} ${{ gt 2 1 }}', '2 true true false true'],
  ['${{ $z := .inputs.zone }}${{ $z }}${{ $z }}', 'eueu'],
  ['${{ range $k, $v := .variables }}${{ $k }}=${{ $v }};${{ end }}', 'V=1.10;'],
  ['${{ with .inputs.zone }}[${{ . }}]${{ end }}', '[eu]'],
  ['${{ (index .inputs "zone") }}${{ `raw\\n` }}', 'euraw\\n'],
  ['${{ eq (len .inputs.zone) 2 }}', 'true'],
];

templates('mean what they mean in Go', () => {
  for (const [template, result] of cases) assert.is(render(template, data), result, template);
});

templates('say what is wrong and where', () => {
  const wrong: [template: string, offset: number, message: RegExp][] = [
    ['ab ${{ .inputs.zoen }}', 14, /no "zoen" in \.inputs/],
    ['${{ eq .inputs.zone true }}', 4, /cannot compare a string with a boolean; all inputs and variables are strings/],
    ['${{ github.sha }}', 4, /no function "github"/],
    ['a ${{ .inputs.zone', 2, /not closed/],
    ['${{ if .inputs.zone }}x', 4, /"if" has no "end"/],
    ['${{ "a }}', 4, /not closed/],
  ];
  for (const [template, offset, message] of wrong) {
    try {
      render(template, data);
      assert.unreachable(template);
    } catch (error) {
      assert.instance(error, TemplateError, template);
      assert.is((error as TemplateError).offset, offset, template);
      assert.match((error as TemplateError).message, message);
    }
  }
});

templates('tell which inputs and variables they name', () => {
  const found = referencesOf(
    '${{ if eq .inputs.a "x" }}${{ index .inputs "b-c" }}${{ else }}${{ $.variables.V }}${{ end }}',
  );
  assert.equal(found.map(({ root, name, strict }) => `${root}.${name}${strict ? '!' : ''}`).sort(), [
    'inputs.a!',
    'inputs.b-c',
    'variables.V!',
  ]);
});

templates.run();
