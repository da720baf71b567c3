// The command line of k3d 5.9 as the double reads it: what k3d refuses is refused in the same words.

/** How k3d says no: on stderr, with exit code 1. */
export class Refusal extends Error {}

type Kind = 'switch' | 'text' | 'number' | 'list';

const CREATE: Readonly<Record<string, Kind>> = {
  ...{ 'api-port': 'text', config: 'text', image: 'text', network: 'text', subnet: 'text', token: 'text' },
  ...{ timeout: 'text', gpus: 'text', 'servers-memory': 'text', 'agents-memory': 'text', 'registry-config': 'text' },
  ...{ 'registry-create': 'text', servers: 'number', agents: 'number' },
  ...{ env: 'list', volume: 'list', port: 'list', 'k3s-node-label': 'list', 'runtime-label': 'list' },
  ...{ 'runtime-ulimit': 'list', 'host-alias': 'list', 'k3s-arg': 'list', 'registry-use': 'list' },
  ...{ 'lb-config-override': 'list', wait: 'switch', 'no-lb': 'switch', 'no-rollback': 'switch' },
  ...{ 'kubeconfig-update-default': 'switch', 'kubeconfig-switch-context': 'switch' },
  ...{ 'host-pid-mode': 'switch', 'no-image-volume': 'switch', 'enforce-registry-port-match': 'switch' },
};
const REGISTRY: Readonly<Record<string, Kind>> = {
  ...{ image: 'text', port: 'text', volume: 'list', 'default-network': 'text', 'proxy-remote-url': 'text' },
  ...{ 'proxy-username': 'text', 'proxy-password': 'text', 'no-help': 'switch', 'delete-enabled': 'switch' },
};
const SHORT: Readonly<Record<string, string>> = {
  a: 'agents',
  s: 'servers',
  i: 'image',
  c: 'config',
  p: 'port',
  v: 'volume',
  e: 'env',
};
const COMMANDS: Readonly<Record<string, { flags: Readonly<Record<string, Kind>>; most: number }>> = {
  'cluster create': { flags: CREATE, most: 1 },
  'cluster start': { flags: { all: 'switch', wait: 'switch', timeout: 'text' }, most: 99 },
  'registry create': { flags: REGISTRY, most: 1 },
  version: { flags: { output: 'text' }, most: 0 },
};

export interface Parsed {
  command: string;
  operands: string[];
  values: Record<string, string[]>;
}

export function parseArgv(argv: readonly string[]): Parsed {
  const command = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((name) => name in COMMANDS);
  const known = command === undefined ? undefined : COMMANDS[command];
  if (command === undefined || known === undefined) throw new Refusal(`unknown command "${argv[0] ?? ''}" for "k3d"`);
  const operands: string[] = [];
  const values: Record<string, string[]> = {};
  const rest = argv.slice(command.split(' ').length);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const match = /^(?:--([\w-]+)|-(\w))(?:=(.*))?$/s.exec(word);
    if (!match) {
      operands.push(word);
      continue;
    }
    const name = match[1] ?? SHORT[match[2] ?? ''] ?? '';
    const kind = known.flags[name];
    if (kind === undefined) throw new Refusal(`unknown flag: ${word.split('=')[0] ?? ''}`);
    const value = match[3] ?? (kind === 'switch' ? 'true' : rest[++i]);
    if (value === undefined) throw new Refusal(`flag needs an argument: ${word}`);
    if (kind === 'number' && !/^-?\d+$/.test(value)) {
      const flag = name === 'agents' ? '-a, --agents' : '-s, --servers';
      throw new Refusal(
        `invalid argument "${value}" for "${flag}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`,
      );
    }
    (values[name] ??= []).push(value);
  }
  if (operands.length > known.most) {
    const most = command.startsWith('registry') ? `at most ${known.most}` : `between 0 and ${known.most}`;
    throw new Refusal(`accepts ${most} arg(s), received ${operands.length}`);
  }
  return { command, operands, values };
}

export interface Node {
  name: string;
  role: 'server' | 'agent' | 'loadbalancer';
}

const FILTER =
  /^(?<group>server|servers|agent|agents|loadbalancer|all)(?::(?:(?<list>(?:\d+,?)+)|(?<range>\d*-\d*)|(?<all>\*)))?(?::(?<suffix>[A-Za-z]+))?$/;

/** The nodes that get a value, as k3d finds them; `what` and the value stand in its messages. */
export function nodesFor(
  flag: string,
  what: { one: string; many: string } | undefined,
  nodes: readonly Node[],
): { value: string; chosen: readonly Node[] } {
  const at = flag.search(/(?<!\\)@/);
  const value = (at === -1 ? flag : flag.slice(0, at)).replaceAll('\\@', '@');
  if (at === -1) {
    if (what && nodes.length > 1) {
      throw new Refusal(`${what.one} '${value}' lacks a node filter, but there's more than one node`);
    }
    return { value, chosen: nodes };
  }
  const chosen = flag
    .slice(at + 1)
    .split(';')
    .flatMap((filter) => {
      const groups = FILTER.exec(filter)?.groups;
      const refuse = (why: string): Refusal =>
        new Refusal(what ? `failed to filter nodes for ${what.many} '${value}': ${why}` : why);
      // Those of ports alone may have a suffix.
      const suffixed = what ? '' : ' (with suffix)';
      if (!groups)
        throw refuse(`Failed to parse node filters${suffixed}: invalid format or empty subset in '${filter}'`);
      const { group = '', list, range, all } = groups;
      if (group === 'all') return nodes;
      const role = group === 'loadbalancer' ? 'loadbalancer' : group.startsWith('server') ? 'server' : 'agent';
      const those = nodes.filter((node) => node.role === role);
      if (role === 'loadbalancer') {
        if (those.length === 0) throw refuse(`Node filter '${filter}' targets a node that does not exist (disabled?)`);
        return those;
      }
      if (list !== undefined) {
        return list
          .split(',')
          .filter(Boolean)
          .map((index) => {
            const node = those[Number(index)];
            if (!node)
              throw refuse(
                `Index out of range: index '${index}' < 0 or > number of available nodes in filter '${filter}'`,
              );
            return node;
          });
      }
      if (range !== undefined) {
        const [from = '', to = ''] = range.split('-');
        return those.slice(Number(from === '' ? 0 : from), to === '' ? undefined : Number(to) + 1);
      }
      if (all === undefined) throw refuse(`Failed to parse node specifiers: unknown subset in '${filter}'`);
      return those;
    });
  return { value, chosen };
}
