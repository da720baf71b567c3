import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../../scripts/tasks/plan/explain.ts';
import { check } from '../program.ts';

const explained = suite('tasks: explain');

const FILE = `variables:
  - {name: PLAIN, default: a, pattern: "^[a-z]$"}
  - {name: BARE}
  - {name: SECRET, default: hush, sensitive: true}
tasks:
  - {name: default, actions: [{cmd: x, setVariables: [{name: MADE}, {name: PLAIN}]}]}
`;
const CASES: Record<string, string> = {
  PLAIN: `PLAIN = "b"
  from --set
  declared at tasks.yaml:2:6, default "a"
  must match ^[a-z]$
  set by the action at tasks.yaml:6:76
  can be given as --set PLAIN=VALUE, MARU_PLAIN or UDS_PLAIN
`,
  BARE: `BARE = ""
  from default (tasks.yaml:3)
  declared at tasks.yaml:3:6, without a default
  can be given as --set BARE=VALUE, MARU_BARE or UDS_BARE
`,
  SECRET: `SECRET = ***
  from default (tasks.yaml:4)
  declared at tasks.yaml:4:6, default ***
  sensitive: masked in output, errors and records
  can be given as --set SECRET=VALUE, MARU_SECRET or UDS_SECRET
`,
  MADE: `MADE has no value at the start
  set by the action at tasks.yaml:6:62
  can be given as --set MADE=VALUE
`,
};

explained('where a value comes from, and what a name that nothing has may mean', async () => {
  const { declarations, setters } = await check(FILE, { set: { plain: 'b' } });
  for (const [name, text] of Object.entries(CASES)) assert.is(explain(name, declarations, setters), text);
  assert.throws(
    () => explain('MADE_', declarations, setters),
    /there is no variable "MADE_" in what these tasks reach; did you mean "MADE"\?/,
  );
});

explained.run();
