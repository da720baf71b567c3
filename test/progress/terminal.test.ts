import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programAt } from '../child.ts';
import { guarded, terminalOf } from '../../scripts/progress/terminal.ts';

const test = suite('terminal');

class FakeStream extends EventEmitter {
  written = '';
  constructor(
    readonly isTTY: boolean,
    public columns?: number,
    public rows?: number,
  ) {
    super();
  }
  write(text: string): void {
    this.written += text;
  }
}

test('the size is that of the moment, with a fallback', () => {
  const stream = new FakeStream(true, 100, 40);
  const terminal = terminalOf(stream, {});
  assert.equal([terminal.columns, terminal.rows], [100, 40]);
  stream.columns = 60;
  assert.is(terminal.columns, 60);
  assert.equal([terminalOf(new FakeStream(false), {}).columns, terminalOf(new FakeStream(false), {}).rows], [80, 24]);
  assert.is(terminalOf(new FakeStream(false), { COLUMNS: '120' }).columns, 120);
  const { columns, rows } = terminalOf(new FakeStream(true, 0, 0), { COLUMNS: '120' });
  assert.equal([columns, rows], [80, 24], 'a size of zero is none');
  assert.equal(
    [terminalOf(new FakeStream(true, 1, 1), {}).columns, terminalOf(new FakeStream(true, 1, 1), {}).rows],
    [1, 1],
  );
  for (const bad of ['x', '', '0', '-5'])
    assert.is(terminalOf(new FakeStream(false), { COLUMNS: bad }).columns, 80, bad);
});

test('a dumb terminal is none', () => {
  assert.is(terminalOf(new FakeStream(true), {}).isTTY, true);
  assert.is(terminalOf(new FakeStream(true), { TERM: 'dumb' }).isTTY, false);
  assert.is(terminalOf(new FakeStream(true), { TERM: 'dumb' }).colour, false);
});

test('once the reader or the terminal is gone, or the disk is full, nothing is written', () => {
  for (const code of ['EPIPE', 'EIO', 'ENOSPC']) {
    const stream = new FakeStream(false);
    const terminal = terminalOf(stream, {});
    terminal.write('a');
    stream.emit('error', Object.assign(new Error(code), { code }));
    terminal.write('b');
    assert.is(stream.written, 'a', code);
  }
});

const player = programAt('test/fixtures/play-progress.ts');
const env = {
  ...process.env,
  TERM: 'xterm',
  LANG: 'C.UTF-8',
  CI: '',
  PLAY_SPEED: '0.1',
  NODE_NO_WARNINGS: '1',
  NO_COLOR: '1',
};

test('a reader that closes the pipe does not end the run', async () => {
  const child = spawn(process.execPath, [...player, 'many', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  assert.is(code, 0);
  assert.is(stderr, '');
});

/** Runs the player on a pseudo terminal and types Ctrl-C as often as told, each time when `when` has been shown again. */
async function onTerminal(scenario: string, when: RegExp, presses: number): Promise<string> {
  const command = `stty cols 80 rows 24; exec ${[process.execPath, ...player, scenario].join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  let seen = 0;
  let left = presses;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (left === 0 || !when.test(shown.slice(seen))) return;
    left--;
    seen = shown.length;
    child.stdin.write('\x03');
  });
  await once(child, 'close');
  return shown;
}

const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';
// The `script` of util-linux makes the pseudo terminal; that of macOS takes other options.
const hasScript = spawnSync('script', ['--version']).status === 0;
const withScript: (name: string, run: () => Promise<void>) => void = hasScript ? test : test.skip.bind(test);

withScript('on a terminal: the cursor comes back after the run', async () => {
  const shown = await onTerminal('many', /never/, 0);
  assert.ok(shown.includes(HIDE));
  assert.ok(shown.lastIndexOf(SHOW) > shown.lastIndexOf(HIDE));
  assert.match(shown, /cluster dev is ready: 14 steps/);
});

withScript('on a terminal: the cursor comes back after Ctrl-C', async () => {
  const shown = await onTerminal('stuck', /deaf +\d+\.\d s/, 1);
  assert.ok(shown.lastIndexOf(SHOW) > shown.lastIndexOf(HIDE));
  assert.match(shown, /cancelled after/);
});

withScript('on a terminal: the cursor comes back where a second Ctrl-C ends the process at once', async () => {
  const shown = await onTerminal('stuck', /deaf +\d+\.\d s/, 2);
  assert.ok(shown.includes(HIDE));
  assert.ok(shown.lastIndexOf(SHOW) > shown.lastIndexOf(HIDE));
  assert.not.match(shown, /cancelled after/);
});

test('of what commands write a terminal obeys only the styles; bars write past the guard', () => {
  const written: unknown[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 100,
    write: (chunk: unknown) => {
      written.push(chunk);
      return true;
    },
  });
  const guard = guarded(stream);
  guard.write('\x1b[2J\x1b[32mgood\x1b[39m\x1b]0;x\x07');
  const bytes = Buffer.from('\x1b[2J');
  guard.write(bytes);
  const terminal = terminalOf(guard, {});
  terminal.write('\x1b[Aup');
  terminal.raw?.write('\x1b[Aup');
  assert.equal(written, ['\x1b[32mgood\x1b[39m', bytes, 'up', '\x1b[Aup']);
  assert.is(guard.columns, 100);
  assert.is(terminal.columns, 100);
  assert.is(terminalOf(stream, {}).raw, undefined);
});

test.run();
