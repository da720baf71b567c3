// A dry run shows all that would be run: nothing of a command can hide itself on a terminal.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWorld } from '../world.ts';

const dry = suite('tasks: dry run');

const ESC = '\u001b';

/** Ways in which a terminal shows something else than what was written. */
const HIDING = [
  `rm -rf x # ${ESC}[1K\recho good`,
  `${ESC}]0; rm -rf x; \u0007echo good`,
  `rm -rf x #${ESC}[8m\necho good`,
  `echo good #\b\b\b\b\b\b\u009b2K`,
  `echo "\u202ex fr- mr\u202c"`,
  `${ESC}]52;c;cm0gLXJmIHg=\u0007echo good`,
];

/** No character that a terminal obeys or does not show. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f]/;

for (const cmd of HIDING) {
  dry(`shown with all that it hides by: ${JSON.stringify(cmd)}`, async () => {
    const world = createWorld();
    try {
      const tasks = `variables: [{name: V, default: ${JSON.stringify(cmd)}}]
tasks: [{name: default, actions: [{cmd: ${JSON.stringify(`${cmd} "$V"`)}}]}]`;
      const { stdout, stderr } = await world.run(tasks, { dryRun: true });
      for (const text of [stdout, stderr]) assert.not.match(text, OBEYED);
      const letters = cmd.replace(/[^ -~]/g, '');
      // What stands between the written control characters is all of the command.
      const shown = stdout.replace(/\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\}|\n/g, '');
      assert.ok(shown.includes(letters), `${shown} has all of ${letters}`);
    } finally {
      world.close();
    }
  });
}

dry('ordinary commands are shown as they are', async () => {
  const world = createWorld();
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', 'é', '漢', '$', '|', '#') }),
        async (text) => {
          const cmd = `echo ${text} end`;
          const { stdout } = await world.run(`tasks: [{name: default, actions: [{cmd: ${JSON.stringify(cmd)}}]}]`, {
            dryRun: true,
          });
          assert.ok(stdout.includes(cmd), stdout);
        },
      ),
      { numRuns: 15 },
    );
  } finally {
    world.close();
  }
});

dry.run();
