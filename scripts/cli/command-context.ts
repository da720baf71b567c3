// What every command that works on clusters starts from: its output options, the real world around it, its settings.

import type { SettingsRequest } from '../cluster/settings-files.ts';
import type { ClusterContext } from '../context.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { realWiring } from '../wiring.ts';
import { type Arguments, type FlagValues, type Io, outputFlags } from './command.ts';
import { type OutputOptions, outputOptions } from './output.ts';
import { environment, settingsFlags } from './settings-input.ts';

/** The flags that `commandContext` reads. */
export const commonFlags = [...settingsFlags, ...outputFlags] as const;

/** The arguments of a command whose own flags are `Own`. */
export interface CommandArguments<Own = unknown> extends Pick<Arguments, 'settings' | 'operands'> {
  flags: FlagValues<typeof commonFlags> & Own;
}

export interface CommandContext {
  output: OutputOptions;
  context: ClusterContext;
  /** Where its settings come from. */
  request: SettingsRequest;
  /** @throws ConfigError with every problem of the settings. */
  settings: () => Promise<LoadedSettings>;
}

/** @throws UsageError for an unknown output format, ConfigError for an env file that cannot be read. */
export function commandContext({ flags, settings }: CommandArguments, io: Io): CommandContext {
  const output = outputOptions({ flags });
  const context = realWiring(environment(flags['env-file'], io), io.cwd);
  const request = { config: flags.config, flags: { ...settings, profile: flags.profile } };
  return {
    output,
    context,
    request,
    settings: async () => (await import('../cluster/prepare-cluster.ts')).readSettings(request, context),
  };
}
