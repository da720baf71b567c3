// What can go wrong while talking to a Kubernetes API server.

import { HoistError } from '../../base/errors.ts';
import { cutText, oneLine } from '../../base/terminal-text.ts';

/** Characters of a server's message that are kept: it is shown, recorded and searched for secrets. */
const MESSAGE_MAX = 4096;

/** One reason inside a Status object. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The `details` of a Status object. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  causes?: readonly StatusCause[];
  retryAfterSeconds?: number;
}

/** The server answered, and the answer is no: the content of its Status object. */
export class KubeApiError extends HoistError {
  override readonly name = 'KubeApiError';
  /** HTTP status code. */
  readonly status: number;
  /** `NotFound`, `Conflict`, `Invalid`, `Expired` …; empty where the server gave none. */
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(
    message: string,
    from: { status: number; reason?: string; details?: StatusDetails },
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options);
    this.status = from.status;
    this.reason = from.reason ?? '';
    this.details = from.details ?? {};
  }

  get causes(): readonly StatusCause[] {
    const causes: unknown = this.details.causes;
    return Array.isArray(causes) ? causes.filter((one): one is StatusCause => isObject(one)) : [];
  }
}

/** No whole answer came: the server could not be reached, or the connection broke. */
export class KubeConnectionError extends HoistError {
  override readonly name = 'KubeConnectionError';
  /** Whether the request is sure not to have been acted on. */
  readonly unsent: boolean;

  constructor(
    message: string,
    /** Error code of Node like `ECONNREFUSED`, or `TIMEOUT`, `CUT`, `REFUSED_STREAM`, `STALE`, `SILENT`, `CLOSED`, `NOT_KUBERNETES`. */
    readonly code: string,
    options: { hint?: string | undefined; cause?: unknown; unsent?: boolean } = {},
  ) {
    super(message, options);
    this.unsent = options.unsent ?? false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A server may say anything. */
function texted(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * Makes an error of an answer with a status of 400 or more, or of a watch's ERROR event. What the server says becomes one line
 * of it: a line of its own could be taken for one of hoist's, or for a command to the runner of a CI job.
 */
export function apiErrorOf(what: string, status: number, body: unknown): KubeApiError {
  if (isObject(body) && body['kind'] === 'Status') {
    const { message, reason, details, code } = body as {
      message?: string;
      reason?: string;
      details?: StatusDetails;
      code?: number;
    };
    return new KubeApiError(
      `${what}: ${oneLine(cutText(texted(message) ?? texted(reason) ?? `status ${status}`, MESSAGE_MAX))}`,
      {
        status: Number.isInteger(code) ? Number(code) : status,
        ...(texted(reason) === undefined ? {} : { reason: texted(reason) ?? '' }),
        ...(isObject(details) ? { details } : {}),
      },
      { hint: hintFor(Number.isInteger(code) ? Number(code) : status) },
    );
  }
  const text = typeof body === 'string' ? oneLine(cutText(body, MESSAGE_MAX)).trim() : '';
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return new KubeApiError(
    `${what}: status ${status}${shown === '' ? '' : `: ${shown}`}`,
    { status },
    { hint: hintFor(status) },
  );
}

function hintFor(status: number): string | undefined {
  if (status === 401) return 'the credentials were not accepted; they may have expired or belong to another cluster';
  return undefined;
}

const certificateCodes = /^(?:UNABLE_TO|CERT_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** Makes an error of whatever Node reports while a connection is made. */
export function dialErrorOf(server: string, cause: unknown): KubeConnectionError {
  const code = codeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KubeConnectionError(`cannot connect to ${server}: ${reason}`, code, {
    unsent: true,
    cause,
    hint: dialHint(code),
  });
}

function dialHint(code: string): string | undefined {
  if (code === 'ECONNREFUSED')
    return 'nothing listens there: the cluster may be stopped, or the address is of an earlier one';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name does not resolve from here';
  if (certificateCodes.test(code))
    return "the server's certificate is not one that the kubeconfig's authority has signed for this host";
  return undefined;
}

/** The `code` of a Node error; `UNKNOWN` where it has none. */
export function codeOf(error: unknown): string {
  if (isObject(error)) {
    if (typeof error['code'] === 'string') return error['code'];
    // Happy-eyeballs failures wrap one error per address.
    if (Array.isArray(error['errors'])) return codeOf(error['errors'][0]);
  }
  return 'UNKNOWN';
}
