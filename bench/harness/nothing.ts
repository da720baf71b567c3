// Does nothing: what is left of the time is that of node and the loader.

export {};
