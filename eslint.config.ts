// Type-aware lint rules, and the rule that imports point downwards only.

import { defineConfig } from 'eslint/config';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** The floors of the house, top first: a room imports from floors below its own, and from its own room. */
export const floors: readonly (readonly string[])[] = [
  [
    'up',
    'down',
    'status',
    'diff',
    'snapshot',
    'bundle',
    'tools',
    'compare',
    'stop',
    'start',
    'doctor',
    'run',
    'collect',
    'preflight',
    'sync',
    'completion',
  ].map((name) => `${name}.ts`),
  ['enter.ts'],
  ['cli'],
  ['wiring.ts'],
  ['cluster', 'tasks', 'support', 'fleet'],
  ['context.ts'],
  ['providers', 'services', 'records'],
  ['plan'],
  ['settings'],
  ['offline'],
  ['kube', 'docker', 'tools', 'shell', 'progress'],
  ['host'],
  ['engine'],
  ['base'],
];
const path = (room: string): string => `./scripts/${room}`;

const zones = floors.flatMap((rooms, floor) =>
  rooms.flatMap((room) => {
    const above = floors.slice(0, floor).flat();
    const beside = rooms.filter((other) => other !== room);
    return [...above, ...beside].map((from) => ({
      target: path(room),
      from: path(from),
      message: `${room} must not import from ${from}: imports point downwards only (docs/architecture.md).`,
    }));
  }),
);

export default defineConfig(
  { ignores: ['coverage/', 'dist/', 'bin/', 'logs/', 'node_modules/', 'test/fixtures/'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'no-restricted-globals': ['error', { name: 'Bun', message: 'Node only.' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Only scripts/cli ends the process.' },
        { object: 'process', property: 'argv', message: 'Only scripts/cli reads argv.' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      eqeqeq: ['error', 'always'],
    },
  },
  {
    // A function fits on a screen, and what it takes has names.
    files: ['scripts/**'],
    rules: {
      'max-params': ['error', 4],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['scripts/cli/**', 'bench/**', 'test/**', 'scripts/*.ts', 'knip.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**'],
    // uvu's suites are functions with functions: `suite.skip` needs no `this`.
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
);
