// Errors of a Docker engine, distinguished by what can be done about them.

import { HoistError } from '../base/errors.ts';

/** No engine answers, or the connection to it broke. */
export class DockerUnreachableError extends HoistError {
  override readonly name = 'DockerUnreachableError';
}

/** The engine answered with an error. */
export class DockerError extends HoistError {
  override readonly name = 'DockerError';

  constructor(
    message: string,
    /** The HTTP status: 404 no such object, 409 conflict, 500 the engine could not do it. */
    readonly status: number,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof DockerError && error.status === 404;
}
