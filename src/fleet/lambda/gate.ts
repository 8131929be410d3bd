/** Lets so many through at a time, and so many in one turn of the event loop: between them everything else has its turn. */
export class Gate {
  private room: number
  private readonly aTurn: number
  private begun = 0
  private readonly waiting: (() => void)[] = []

  constructor(room: number, aTurn: number) {
    this.room = room
    this.aTurn = aTurn
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve)
      this.admit()
    })
    try {
      return await work()
    } finally {
      this.room++
      this.admit()
    }
  }

  private admit(): void {
    while (this.room > 0 && this.begun < this.aTurn && this.waiting.length > 0) {
      if (this.begun === 0) setImmediate(() => this.turn())
      this.begun++
      this.room--
      this.waiting.shift()?.()
    }
  }

  private turn(): void {
    this.begun = 0
    this.admit()
  }
}
