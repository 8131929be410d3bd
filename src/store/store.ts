/** Where both sides of a run keep what must outlive a process: orders, claims, bundles. Keys: wire/keys.ts. */
export type Store = {
  put(key: string, bytes: Uint8Array): Promise<void>
  /**
   * False, and nothing written, when the key is there already. Bytes that nobody else would write tell a store whose first answer
   * was lost that what it finds there is its own.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /** null when there is no such key. */
  get(key: string): Promise<Uint8Array | null>
  /** Sorted keys that begin so. */
  list(prefix: string): Promise<string[]>
  /** What follows in keys that begin so, up to the next slash, each once and sorted: of `runs/` the runs that there are. */
  folders(prefix: string): Promise<string[]>
  /** Removes all keys that begin so; '' is the whole store. */
  clear(prefix: string): Promise<void>
  /** Lets go of connections; a store that is used again opens new ones. */
  close(): void
}
