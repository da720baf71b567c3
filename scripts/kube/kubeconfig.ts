export const mergeContext = async (..._: unknown[]): Promise<void> => undefined;
export const removeContext = async (..._: unknown[]): Promise<void> => undefined;
export const userKubeconfig = (_env: unknown, _path: string | undefined): string => '/tmp/none';
