// Lists all pods of the cluster in KUBECONFIG, and fails where there are not as many as the argument says.

import { exec } from '../../scripts/host/execa.ts';
import { connect } from '../../scripts/kube/client/client.ts';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import type { KubeList, KubeObject } from '../../scripts/kube/object.ts';

const { connection } = await readConnection({ paths: [process.env['KUBECONFIG'] ?? ''], exec });
const client = connect(connection);
const { items } = await client.json<KubeList<KubeObject>>({ path: '/api/v1/pods' });
client.close();
if (items.length !== Number(process.argv[2])) throw new Error(`${items.length} pods`);
