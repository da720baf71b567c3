// Puts right what keeps an API server from reading an object of a bundle: redaction hides values where bytes must be.

import type { KubeObject } from '../../kube/object.ts';

interface Loose extends KubeObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  webhooks?: unknown;
  data?: unknown;
  binaryData?: unknown;
}

/** A copy that can be stored; all else is as it was in the cluster, its uid, times and status included. */
export function storable(object: KubeObject, kind: string): KubeObject {
  const metadata = { ...object.metadata };
  delete metadata.resourceVersion;
  const copy: Loose = { ...object, metadata };
  switch (kind) {
    case 'Secret':
      return { ...copy, data: base64Values(copy.data, encode), stringData: undefined } as KubeObject;
    case 'ConfigMap':
      return { ...copy, binaryData: base64Values(copy.binaryData, encode) } as KubeObject;
    case 'CertificateSigningRequest':
      return {
        ...copy,
        spec: copy.spec && { ...copy.spec, request: base64(copy.spec['request'], encode) },
        status: copy.status && { ...copy.status, certificate: base64(copy.status['certificate'], encode) },
      } as KubeObject;
    case 'CustomResourceDefinition':
      // Objects of all versions are shown as they are: there is no webhook that would convert them.
      return {
        ...copy,
        spec: copy.spec && { ...copy.spec, conversion: { strategy: 'None' }, preserveUnknownFields: undefined },
      } as KubeObject;
    case 'Node':
      return { ...copy, status: withAddress(copy) } as KubeObject;
    default:
      return Array.isArray(copy.webhooks) ? withoutBundles(copy) : copy;
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** What is no base64 any more is text: it is shown as that. */
function base64(value: unknown, make: (text: string) => string): unknown {
  if (typeof value !== 'string') return value === null ? undefined : value;
  return isBase64(value) ? value : make(value);
}

function base64Values(values: unknown, make: (text: string) => string): unknown {
  if (typeof values !== 'object' || values === null) return undefined;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value, make)]));
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The authorities of webhooks that are never called. */
function withoutBundles(object: Loose): KubeObject {
  const webhooks = (object.webhooks as unknown[]).map((hook) => {
    const { clientConfig, ...rest } = (hook ?? {}) as { clientConfig?: { caBundle?: unknown } };
    if (typeof clientConfig !== 'object') return hook;
    const { caBundle } = clientConfig;
    return { ...rest, clientConfig: { ...clientConfig, caBundle: base64(caBundle, encode) } };
  });
  return { ...object, webhooks } as KubeObject;
}

/** A kubelet is reached by an address of its node; which one is all the same here. */
function withAddress({ metadata, status = {} }: Loose): object {
  const { addresses } = status;
  if (Array.isArray(addresses) && addresses.length > 0) return status;
  return { ...status, addresses: [{ type: 'Hostname', address: metadata.name }] };
}
