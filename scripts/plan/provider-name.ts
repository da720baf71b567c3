// The ways to a cluster, by the names that users give.

export type ProviderName = 'k3d' | 'embedded' | 'existing';
