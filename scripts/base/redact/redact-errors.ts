// What is thrown where a text cannot be redacted: nothing of it may be kept then.

import { HoistError } from '../errors.ts';

export class RedactionError extends HoistError {
  override readonly name = 'RedactionError';
}
