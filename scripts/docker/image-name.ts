// Names of images: what they leave out.

/** The registry of an image's name: `ghcr.io`, or Docker Hub where it names none. */
export function registryOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  const named = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return named && first !== 'docker.io' ? first : 'docker.io';
}

/** The whole name, as containerd has it: `nginx` is `docker.io/library/nginx:latest`. */
export function wholeName(image: string): string {
  const registry = registryOf(image);
  const path = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  const tagged = /[:@]/.test(repository) ? repository : `${repository}:latest`;
  return `${registry}/${tagged}`;
}
