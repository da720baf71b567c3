// What services say they need of each other: names become steps; cycles and unknown names are refused.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Problem } from '../../../../scripts/base/errors.ts';
import { resolveNeeds } from '../../../../scripts/services/helm/implied/needs.ts';

const needing = suite('services: needs');

type Needs = Readonly<Record<string, readonly string[]>>;

function resolve(services: Needs): { steps: string[][]; problems: string[] } {
  const problems: Problem[] = [];
  const settings = Object.entries(services).map(([name, needs]) => ({ name, needs: [...needs] }));
  const steps = resolveNeeds(settings, (path) => ({ where: path.join('.') }), problems);
  return { steps, problems: problems.map(({ where, message }) => `${where}: ${message}`) };
}

needing('a service is waited for until it is ready, a step until it has ended', () => {
  const services = { web: ['db', 'nodes', 'namespace/apps', 'manifests'], db: [] };
  const expected = [['release/db/ready', 'nodes', 'namespace/apps', 'manifests'], []];
  assert.equal(resolve(services), { steps: expected, problems: [] });
});

needing('a name that is no service: the nearest one is suggested, where one is near', () => {
  const { problems } = resolve({ web: ['postgers'], postgres: ['manifest'], far: ['zzzzzzzzz'] });
  assert.equal(problems, [
    'services.0.needs.0: service "web" needs "postgers", which is no service; did you mean "postgres"?',
    'services.1.needs.0: service "postgres" needs "manifest", which is no service; did you mean "manifests"?',
    'services.2.needs.0: service "far" needs "zzzzzzzzz", which is no service',
  ]);
});

needing('a cycle is named whole, where it starts', () => {
  const { problems } = resolve({ entry: ['a'], a: ['x', 'b'], x: [], b: ['c'], c: ['a'] });
  assert.equal(problems, ['services.1.needs.1: services need each other in a cycle: a → b → c → a']);
});

needing('a service that needs itself, and each of several cycles', () => {
  const { problems } = resolve({ self: ['self'], a: ['b'], b: ['a'], free: ['self'] });
  assert.equal(problems, [
    'services.0.needs.0: services need each other in a cycle: self → self',
    'services.1.needs.0: services need each other in a cycle: a → b → a',
  ]);
});

needing('many ways to the same service are no cycle', () => {
  assert.equal(resolve({ top: ['l', 'r'], l: ['base'], r: ['base', 'l'], base: [] }).problems, []);
});

needing.run();
