// Whose images a run may fetch before they are asked for.

/** Images that a service will run; known when the steps that it needs have ended. */
export interface ImageSource {
  service: string;
  needs: readonly string[];
  images: () => readonly string[];
}
