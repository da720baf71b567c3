// maru's configuration: where it is found, what wins, each option, and what is wrong in it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { readMaruConfig } from '../../../scripts/tasks/includes/maru-config.ts';
import { type World, createWorld, refusal } from '../world.ts';

const config = suite<World>('tasks: maru-config');

config.before.each((context) => void Object.assign(context, createWorld()));
config.after.each((context) => context.close());

config('nothing given is a configuration like any other', async ({ folder }) => {
  assert.equal(await readMaruConfig({ HOME: folder }, folder), {
    tokens: new Map(),
    logLevel: undefined,
    noProgress: false,
    architecture: undefined,
    commands: { zarf: 'zarf', uds: 'uds', kubectl: 'kubectl' },
    warnings: [],
  });
});

config('every option of the file, and variables that win over it: MARU_ before UDS_', async ({ folder, write }) => {
  write(
    'maru-config.yaml',
    `
options:
  LOG_LEVEL: warn
  architecture: arm64
  no_progress: true
  no_log_file: false
  tmp_dir: /tmp/x
  auth: {github.com: one}
  commands: {zarf: uds zarf, mytool: ./bin/mytool}
`,
  );
  const read = (env: Record<string, string>) => readMaruConfig({ HOME: folder, ...env }, folder);
  const own = await read({});
  assert.is(own.logLevel, 'warn');
  assert.is(own.architecture, 'arm64');
  assert.ok(own.noProgress);
  assert.equal(own.tokens, new Map([['github.com', 'one']]));
  assert.equal(own.commands, { zarf: 'uds zarf', uds: 'uds', kubectl: 'kubectl', mytool: './bin/mytool' });
  const uds = { UDS_LOG_LEVEL: 'debug', UDS_ARCHITECTURE: 'amd64', UDS_NO_PROGRESS: '0' };
  assert.is((await read(uds)).logLevel, 'debug');
  assert.is((await read(uds)).architecture, 'amd64');
  assert.not.ok((await read(uds)).noProgress);
  const maru = { ...uds, MARU_LOG_LEVEL: 'ERROR', MARU_AUTH: '{"gitlab.com":"two"}', MARU_COMMANDS: '{"uds":"mine"}' };
  assert.is((await read(maru)).logLevel, 'error');
  assert.equal((await read(maru)).tokens, new Map([['gitlab.com', 'two']]));
  assert.is((await read(maru)).commands['uds'], 'mine');
});

config('the working directory, then ~/.maru; MARU_CONFIG alone where it is set', async ({ folder, write }) => {
  write('home/.maru/maru-config.json', '{"options": {"architecture": "home"}}');
  const env = { HOME: `${folder}/home` };
  const architecture = async (more = {}) => (await readMaruConfig({ ...env, ...more }, `${folder}/work`)).architecture;
  assert.is(await architecture(), 'home');
  write('work/maru-config.yml', 'options: {architecture: work}');
  assert.is(await architecture(), 'work');
  write('own.yaml', 'options: {architecture: own}');
  assert.is(await architecture({ MARU_CONFIG: '../own.yaml' }), 'own');
  assert.match(await refusal(architecture({ MARU_CONFIG: 'gone.yaml' })), 'gone.yaml: cannot be read');
});

config('everything that is wrong is reported at once, and no token with it', async ({ folder, write }) => {
  write('maru-config.yaml', 'options: {log_level: loud, no_progress: maybe, auth: [s3cr3t], commands: {"a b": c}}');
  const error = await readMaruConfig({ HOME: folder }, folder).catch((thrown: unknown) => thrown);
  assert.instance(error, ConfigError);
  const { problems, message } = error as ConfigError;
  assert.equal(
    problems.map((problem) => problem.message),
    [
      'options.log_level must be one of error, warn, info, debug, trace',
      'options.auth must be a mapping of texts, like {"HOST": "TOKEN"}',
      'options.no_progress must be true or false',
      'options.commands has "a b", which is no command\'s name',
    ],
  );
  assert.not.match(message, 's3cr3t');
  const bad = await refusal(readMaruConfig({ HOME: folder, MARU_AUTH: '{s3cr3t' }, folder));
  assert.match(bad, 'MARU_AUTH: must be JSON like');
  assert.not.match(bad, 's3cr3t');
  write('maru-config.toml', '');
  assert.match(await refusal(readMaruConfig({ HOME: folder }, folder)), 'maru-config.toml: must be YAML or JSON');
});

config('an option that means nothing is a warning with the nearest name', async ({ folder, write }) => {
  write('maru-config.yaml', 'options: {log_levle: warn}');
  const { warnings } = await readMaruConfig({ HOME: folder }, folder);
  assert.is(warnings[0]?.message, 'unknown option "log_levle"; did you mean "log_level"?');
});

config('commands are rewritten as it says', async ({ run, folder }) => {
  const { stdout } = await run('tasks: [{name: default, actions: [{cmd: "./zarf x; ./mine y; echo $UDS_ARCH"}]}]', {
    config: await readMaruConfig(
      { MARU_COMMANDS: '{"zarf": "echo zarf", "mine": "echo mine"}', MARU_ARCHITECTURE: 'riscv64', HOME: folder },
      folder,
    ),
  });
  assert.is(stdout, 'zarf x\nmine y\nriscv64\n');
});

config.run();
