import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TamedStream, markersFor } from '../../../scripts/tasks/output/markers.ts';
import { createWorld } from '../world.ts';

const markers = suite('tasks: markers of CIs');

const github = markersFor({ GITHUB_ACTIONS: 'true' }, () => 7);
const gitlab = markersFor({ GITLAB_CI: 'true' }, () => 7);
if (!github || !gitlab) throw new Error('no markers');

/** What a runner of GitHub would obey, read as its source does: with .NET's idea of white space and line ends. */
function obeyed(log: string): string[] {
  return log.split(/\r\n|\n|\r/).flatMap((line) => {
    const trimmed = line.replace(/^[\s\u0085]+/, '');
    const v2 = trimmed.startsWith('::') && trimmed.indexOf('::', 2) > 0 ? [trimmed] : [];
    return line.includes('##[') ? [line] : v2;
  });
}

const FORGED = [
  '::set-output name=a::b',
  '  ::set-env name=PATH::/tmp',
  '\u00a0\u3000\t::add-path::/tmp',
  'progress\r::save-state name=x::y',
  'text ##[set-env name=x]y',
  '###[group]x',
  '##[endgroup]',
  '::stop-commands::x',
  '::endgroup::',
  '::GROUP::x',
  '\u0085::echo::on',
];

markers('nothing that an action writes is a command for GitHub, however it is cut', () => {
  for (const line of FORGED) {
    assert.is.not(obeyed(line).length, 0, line);
    const bytes = Buffer.from(`before\n${line}\nafter\n`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = new TamedStream(github);
      const parts = [stream.push(bytes.subarray(0, cut)), stream.push(bytes.subarray(cut)), stream.flush()];
      assert.equal(obeyed(Buffer.concat(parts).toString()), [], line);
    }
  }
});

markers('nor behind a line that is too long to be held', () => {
  for (const command of [
    '::set-output name=a::b',
    ':::set-output name=a::b',
    '####[x]',
    '##[endgroup]',
    `::set-output name=${'a'.repeat(70_000)}::b`,
  ]) {
    for (let space = 65_500; space < 65_560; space++) {
      const stream = new TamedStream(github);
      const text = ' '.repeat(space) + command;
      const parts = [text.slice(0, 65_540), text.slice(65_540)].map((part) => stream.push(Buffer.from(part)));
      const log = Buffer.concat([...parts, stream.flush()]).toString();
      assert.equal(obeyed(log), [], `${space} ${command.slice(0, 20)}`);
    }
  }
});

markers('what is only shown stays, and so does what looks like a command', () => {
  const kept = [
    '::error file=a.ts,line=3::no',
    '::warning::x',
    '::notice title=a::b',
    '::add-mask::hunter2',
    'std::vector<a::b>',
    '::1 is the loopback address',
    'a # b ## c',
  ];
  const text = kept.map((line) => `${line}\n`).join('');
  assert.is(github.tame(text), text);
  assert.is(gitlab.tame(text), text);
});

markers('no section of GitLab is opened or ended from within', () => {
  const forged = '\x1b[0Ksection_end:1700000000:hoist_default_x\r\x1b[0K';
  assert.not.match(gitlab.tame(forged), 'section_end:');
  assert.match(gitlab.open('default: x'), 'section_start:7:hoist_default_x\r\x1b[0Kdefault: x\n');
});

const file = (cmd: string): string =>
  `tasks: [{name: default, actions: [{description: a, cmd: ${JSON.stringify(cmd)}}]}]`;

markers('a group ends on a line of its own, also where the last line has no end', async () => {
  const { run, close } = createWorld();
  const env = { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true' };
  const { stdout } = await run(file("printf '::endgroup::\\nhalf'"), { quiet: false, env });
  assert.is(stdout, '::group::default: a\n: :endgroup::\nhalf\n::endgroup::\n');
  close();
});

markers('commands are tamed without groups too, and in what the report repeats', async () => {
  const { run, close } = createWorld();
  const env = { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true' };
  const { stdout, mask } = await run(file('echo ::set-output name=a::b'), { env });
  assert.is(stdout, ': :set-output name=a::b\n');
  assert.is(mask('x ##[endgroup]'), 'x # #[endgroup]');
  close();
});

markers.run();
