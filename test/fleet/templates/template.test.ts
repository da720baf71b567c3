// Go's templates as sync sets use them: the expected texts are what Go's text/template 1.24 writes.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TemplateError } from '../../../scripts/base/go-template/template-errors.ts';
import { templateOf } from '../../../scripts/fleet/templates/template.ts';

const test = suite('fleet/templates');

const labels: Record<string, string> = { region: 'eu', 'api.openshift.com/id': 'abc', empty: '' };
const render = (text: string): string => templateOf(text).render((key) => labels[key] ?? '');

const cases: readonly (readonly [template: string, expected: string])[] = [
  ['plain', 'plain'],
  ['{{ fromCDLabel "region" }}', 'eu'],
  ['{{fromCDLabel `api.openshift.com/id`}}-x', 'abc-x'],
  ['{{ with fromCDLabel "region" }}https://{{ . }}/x{{ end }}', 'https://eu/x'],
  ['{{ with fromCDLabel "none" }}{{ . }}{{ else }}default{{ end }}', 'default'],
  ['{{ if eq (fromCDLabel "region") "us" "eu" }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if fromCDLabel "empty" }}a{{ else if not (fromCDLabel "none") }}b{{ else }}c{{ end }}', 'b'],
  ['a {{- " b " -}} c', 'a b c'],
  ['{{/* a note */}}x{{- /* another */ -}} y', 'xy'],
  ['{{ $r := fromCDLabel "region" }}{{ $r }}{{ $r = "us" }}{{ $r }}', 'euus'],
  ['{{ $r := "a" }}{{ if true }}{{ $r := "b" }}{{ $r }}{{ end }}{{ $r }}', 'ba'],
  ['{{ "x" | printf "%s-%s" (fromCDLabel "region") }}', 'eu-x'],
  ['{{ printf "%q %5d|%-4s|%%" "a\\"b" 42 "x" }}', '"a\\"b"    42|x   |%'],
  ['{{ len "äb" }}{{ slice "abcdef" 1 3 }}', '3bc'],
  ['{{ and 1 0 }}{{ or 0 "x" }}{{ and "a" "b" }}', '0xb'],
  ['{{ print 1 2 "a" 3 }}', '1 2a3'],
  ['{{ lt 1 2 }}{{ ge "b" "a" }}{{ ne 1 2 }}', 'truetruetrue'],
  ['{{ urlquery "a b&c" }}{{ html "<a>" }}', 'a+b%26c&lt;a&gt;'],
  ['{{ . }}', '<no value>'],
];

for (const [template, expected] of cases) {
  test(template, () => {
    assert.is(render(template), expected);
  });
}

const broken: readonly (readonly [template: string, message: RegExp])[] = [
  ['{{ fromCDLabel', /line 1: the action is not closed/],
  ['a\n{{ if true }}x', /line 2: "if" has no "end"/],
  ['{{ fromCdLabel "x" }}', /line 1: there is no function "fromCdLabel"; did you mean "fromCDLabel"/],
  ['{{ .Values.x }}', /no data to take "\.Values" of; use fromCDLabel/],
  ['{{ fromCDLabel }}', /takes the key of a label/],
  ['{{ eq 1 "1" }}', /cannot compare a number with a string/],
];

for (const [template, message] of broken) {
  test(`refused: ${template}`, () => {
    assert.throws(
      () => render(template),
      (error: unknown) => error instanceof TemplateError && message.test(error.message),
    );
  });
}

test.run();
