/** Where both sides of a run keep what must outlive a process: orders, claims, bundles. Keys: wire/keys.ts. */
export type Store = {
  put(key: string, bytes: Uint8Array): Promise<void>
  /** False, and nothing written, when the key is there already. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /** null when there is no such key. */
  get(key: string): Promise<Uint8Array | null>
  /** Sorted keys that begin so. */
  list(prefix: string): Promise<string[]>
}
