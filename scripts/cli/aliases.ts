// Other names for commands.

/** What a command is called elsewhere. */
export const aliases: Readonly<Record<string, string>> = {
  ls: 'status',
  list: 'status',
  delete: 'down',
  create: 'up',
};
