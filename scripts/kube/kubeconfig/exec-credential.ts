// Credentials from a program, as the kubeconfig's `exec` asks for: the client.authentication.k8s.io protocol.

import { dirname, resolve, sep } from 'node:path';
import { ConfigError, messageOf } from '../../base/errors.ts';
import { type Exec, ExecError } from '../../host/exec.ts';

/** A user's `exec` as it stands in the kubeconfig. */
export interface ExecConfig {
  apiVersion?: string;
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
}

export interface ExecCredential {
  token?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  /** ISO 8601. */
  expiresAt?: string | undefined;
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const TIMEOUT_MS = 60_000;

/** Bytes of an answer: a token of some kB, or a certificate with its chain and a key. */
const MOST_OUTPUT = 1_000_000;

interface ExecAnswer {
  apiVersion?: string;
  kind?: string;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  } | null;
}

/**
 * Runs the program without a terminal. What it writes to stdout is never shown: it is the credential.
 * @param cluster given to the program where it asks for it, in the shape of the protocol
 * @param file the kubeconfig, which a relative command is relative to
 * @throws ConfigError where the program is missing, fails, wants a terminal or answers something else.
 */
export async function execCredential(
  config: ExecConfig,
  { cluster, file, where, exec }: { cluster: Record<string, unknown>; file: string; where: string; exec: Exec },
): Promise<ExecCredential> {
  const { apiVersion = '', command = '', args, env, installHint } = config;
  const fail = (message: string, hint?: string, cause?: unknown): ConfigError =>
    new ConfigError([{ where, message }], { ...(hint === undefined ? {} : { hint }), cause });
  if (!VERSIONS.includes(apiVersion))
    throw fail(`exec.apiVersion is "${apiVersion}"; expected ${VERSIONS.join(' or ')}`);
  if (command === '') throw fail('exec.command is missing');
  if (config.interactiveMode === 'Always') {
    throw fail(
      `the log-in program ${command} wants a terminal`,
      'Use a credential that needs no questions, like a token.',
    );
  }
  const spec = { interactive: false, ...(config.provideClusterInfo === true ? { cluster } : {}) };
  let stdout: string;
  try {
    ({ stdout } = await exec({
      file: command.includes(sep) ? resolve(dirname(file), command) : command,
      args: args ?? [],
      env: {
        ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }),
      },
      timeoutMs: TIMEOUT_MS,
      maxOutput: MOST_OUTPUT,
    }));
  } catch (error) {
    throw fail(`the log-in program ${command} ${failureOf(error)}`, installHint);
  }
  const status = answerOf(stdout, apiVersion)?.status;
  const { token, clientCertificateData: clientCertificate, clientKeyData: clientKey } = status ?? {};
  if (
    !status ||
    (token === undefined && clientCertificate === undefined) ||
    (clientCertificate === undefined) !== (clientKey === undefined)
  ) {
    throw fail(`the log-in program ${command} gave no credential of ${apiVersion}`);
  }
  return { token, clientCertificate, clientKey, expiresAt: status.expirationTimestamp };
}

/** The error's own message shows the last lines of stdout, which may hold a token. */
function failureOf(error: unknown): string {
  if (!(error instanceof ExecError)) return `failed: ${messageOf(error)}`;
  const { reason, stderr } = error.details;
  if (reason === 'missing') return 'is not installed';
  if (reason === 'output') return `wrote more than ${MOST_OUTPUT} bytes: that is no credential`;
  return `failed: ${stderr.trim().split('\n').slice(-5).join('\n')}`;
}

function answerOf(stdout: string, apiVersion: string): ExecAnswer | undefined {
  try {
    const answer = JSON.parse(stdout) as ExecAnswer;
    return answer.kind === 'ExecCredential' && answer.apiVersion === apiVersion ? answer : undefined;
  } catch {
    return undefined;
  }
}
