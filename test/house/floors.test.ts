// That the floors of eslint.config.ts hold the whole house: every room stands on one, and no imports run in a circle.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { floors } from '../../eslint.config.ts';
import { circles } from './circles.ts';
import { ts } from '../typescript.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Paths of all TypeScript files below a folder, relative to the project. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

/** What a file imports of the project, type imports and lazy ones included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.') && name.endsWith('.ts'))
    .map((name) => relative(root, join(root, dirname(file), name)));
}

const graphOf = (files: readonly string[]): Map<string, string[]> =>
  new Map(files.map((file) => [file, importsOf(file)]));

const house = suite('the house');

house('every room of scripts/ stands on a floor, and every floor is named once', () => {
  const rooms = readdirSync(join(root, 'scripts'));
  const named = floors.flat();
  assert.equal(
    rooms.filter((room) => !named.includes(room)),
    [],
    'on no floor of eslint.config.ts: nothing keeps others from importing it',
  );
  assert.is(new Set(named).size, named.length, 'named twice');
});

house('imports point downwards only, type imports included', () => {
  const floorOf = (file: string): number => floors.findIndex((rooms) => rooms.includes(file.split('/')[1] ?? ''));
  const wrong = [...graphOf(sources('scripts'))].flatMap(([file, imports]) =>
    imports
      .filter((other) => other.split('/')[1] !== file.split('/')[1] && floorOf(other) <= floorOf(file))
      .map((other) => `${file} imports ${other}`),
  );
  assert.equal(wrong, []);
});

for (const folders of [['scripts'], ['bench', 'test']]) {
  house(`no circle of imports in ${folders.join(' and ')}, type imports included`, () => {
    assert.equal(circles(graphOf(folders.flatMap(sources))), []);
  });
}

house('a circle is found, with all that is in it', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['e']],
    ['e', ['elsewhere']],
    ['own', ['own']],
  ]);
  assert.equal(circles(graph), [['a', 'b', 'c'], ['own']]);
  assert.equal(importsOf('test/house/floors.test.ts'), [
    'eslint.config.ts',
    'test/house/circles.ts',
    'test/typescript.ts',
  ]);
});

house.run();
