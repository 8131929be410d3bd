/** Events pushed by many, taken in order by one. */
export class EventQueue<T> implements AsyncIterable<T> {
  private readonly waiting: T[] = []
  private ended = false
  private wake: (() => void) | null = null

  push(item: T): void {
    this.waiting.push(item)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      // `yield*` would wait for each more often than its taker does.
      for (const item of this.waiting.splice(0)) yield item
      if (this.waiting.length > 0) continue
      if (this.ended) return
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }
}
