// The version of hoist.

/** That of package.json; a test holds the two together. */
export const HOIST_VERSION = '0.1.0';
