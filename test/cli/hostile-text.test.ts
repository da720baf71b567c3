// What settings, arguments and records say reaches a terminal as text and as nothing else, by every way out.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
const EVIL = 'c\u001b]52;c;aGk=\u0007\u001b[2J\u009b1A\rnothing is wrong\u202e';
const DANGER = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

const text = suite<{ folder: string }>('hostile text', { folder: '' });

text.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-text-'));
});
text.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function hoist(
  folder: string,
  args: readonly string[],
  settings: object,
): { code: number | null; stdout: string; stderr: string } {
  const config = join(folder, 'cluster.yaml');
  writeFileSync(config, JSON.stringify(settings));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [BIN, ...args, ...(args.length > 0 ? ['--config', config] : [])],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, FORCE_COLOR: '1', DOCKER_HOST: `unix://${folder}/none.sock` },
    },
  );
  return { code: status, stdout, stderr };
}

/** Without the styles that hoist itself writes. */
const unstyled = (shown: string): string => shown.replace(/\u001b\[(1|2|22|31|32|33|39)m/g, '');

const CASES: readonly (readonly [string, readonly string[], object])[] = [
  ['an unknown setting', ['status'], { [EVIL]: 1 }],
  ['a value that does not fit', ['status'], { provider: EVIL }],
  ['a name that is none', ['status'], { name: EVIL }],
  ['a context that is not there', ['doctor'], { provider: 'existing', context: EVIL }],
  ['a service', ['up', '--plan'], { services: [{ name: 'x', chart: EVIL }] }],
  ['a manifest', ['up', '--plan'], { manifests: [EVIL] }],
  ['a hook', ['up', '--plan'], { provider: 'embedded', hooks: { before: [EVIL] }, logDir: EVIL }],
  ['an operand', ['down', EVIL], {}],
  ['an unknown flag', ['down', `--${EVIL}`], {}],
  ['a flag', ['up', '--plan', '--profile', EVIL], {}],
];

for (const [name, args, settings] of CASES) {
  text(`${name} is shown without what a terminal obeys, in text and as JSON`, ({ folder }) => {
    for (const output of [[], ['--output', 'json']]) {
      const { code, stdout, stderr } = hoist(folder, [...args, ...output], settings);
      const shown = stdout + stderr;
      assert.not.match(shown, 'bug in hoist');
      assert.not.match(unstyled(shown), DANGER, `${String(code)} ${JSON.stringify(shown)}`);
      if (output.length > 0) for (const line of stdout.split('\n').filter((one) => one !== '')) JSON.parse(line);
    }
  });
}

text('so is a command that there is not', ({ folder }) => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, EVIL], { cwd: folder, encoding: 'utf8' });
  assert.is(status, 2);
  assert.not.match(stderr, DANGER);
  assert.match(stderr, 'unknown command "c nothing is wrong"');
});

text('an error has no colours but those that it is given: what it quotes sets none', ({ folder }) => {
  for (const [args, settings] of [
    [['status'], { '\u001b[31mred\u001b[2m': 1 }],
    [['down', '\u001b[1mbold'], {}],
  ] as const) {
    const { code, stderr } = hoist(folder, args, settings);
    assert.is(code, 2, stderr);
    assert.not.match(stderr, /\u001b/);
    assert.match(stderr, /red|bold/);
  }
});

text('output that cannot be written is an error, also of what is no command', () => {
  for (const args of [['help'], ['version'], ['up', '--help']]) {
    const { status, stderr } = spawnSync('sh', ['-c', 'exec "$0" "$@" > /dev/full', BIN, ...args], {
      encoding: 'utf8',
    });
    assert.is(status, 1, stderr);
    assert.match(stderr, /^error: the output could not be written: ENOSPC/);
  }
});

text(
  'a full disk behind a run, and a reader that is slower than it: its clean-up runs, and nothing but that is said',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hoist-full-'));
    try {
      const file = join(folder, 'tasks.yaml');
      writeFileSync(
        file,
        `tasks: [{ name: default, actions: [{ cmd: seq 1 300000 }], finally: [{ cmd: 'touch "${folder}/cleaned"' }] }]\n`,
      );
      for (const [into, status, expected] of [
        ['> /dev/full', 1, /error: the output could not be written: ENOSPC[^\n]*\n/],
        ['| cat > /dev/null', 0, /^/],
      ] as const) {
        const command = `"$0" run --file "$1" ${into}`;
        const ended = spawnSync('sh', ['-c', command, BIN, file], { encoding: 'utf8' });
        assert.is(ended.status, status, ended.stderr);
        assert.match(ended.stderr, expected);
        assert.not.match(ended.stderr, /\n\s+at |MaxListeners|node:/);
        rmSync(join(folder, 'cleaned'));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

text.run();
