/** What one round of the fuzz is made of: a script, its variables, and how the server behaves. Plain JSON, so that it can be shrunk key by key. */

/** One answer. Nothing said: 200, JSON, with a Content-Length, in one piece, on a connection that stays. */
export type Behaviour = {
  status?: number
  /** The kind of body; JSON unless said. */
  body?: 'text' | 'html' | 'empty' | 'big' | 'list' | 'broken'
  /** `corrupt`: it says gzip, and is not. */
  coding?: 'gzip' | 'deflate' | 'br' | 'corrupt'
  /** `old`: HTTP/1.0 without a length. */
  framing?: 'chunked' | 'close' | 'old'
  /** Added to what Content-Length says, and the connection closed after the body. */
  lie?: number
  /** Header lines of its own, as they go out. */
  headers?: string[]
  /** Sent before the answer. */
  first?: string
  /** Sent in pieces cut by this seed, so many milliseconds between them. */
  pieces?: number
  delay?: number
  stop?: { at: 'accept' | 'request' | 'status' | 'headers' | 'body' | 'after'; how: 'reset' | 'fin' }
  /** Sent instead of an answer. */
  garbage?: string
  /** Nothing is sent. */
  silent?: boolean
}

export type Case = {
  seed: number
  /** Virtual users; one after the other, unless `together`. */
  users: number
  together: boolean
  config: Record<string, unknown>
  variables: Record<string, unknown>
  scenario: Record<string, unknown> & { flow: unknown[] }
  /** The n-th answer that the k-th virtual user gets; after the last one the plainest. */
  answers: Behaviour[][]
}

/** Stands in scripts where the server's address belongs. */
export const TARGET = '@TARGET@'
/** The server by a name that is another host to a client. */
export const ELSEWHERE = '@ELSEWHERE@'
