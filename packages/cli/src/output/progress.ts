const SHOW_EVERY_MS = 100
const BAR_WIDTH = 24

interface Terminal {
  readonly isTTY?: boolean
  write(text: string): boolean
}

/** A bar on one line that is drawn over and over; nothing where nobody looks. */
export class Progress {
  private done = 0
  private readonly sinceMs = performance.now()
  private shownMs = 0
  private shown = false

  constructor(
    private readonly what: string,
    public total: number | undefined,
    private readonly terminal: Terminal,
  ) {}

  add(count = 1): void {
    this.done += count
    const now = performance.now()
    if (this.terminal.isTTY !== true || now - this.shownMs < SHOW_EVERY_MS) return
    this.shownMs = now
    this.shown = true
    this.terminal.write(`\r\u001B[K${this.text(now)}`)
  }

  /** Clears the line: the result comes next. */
  end(): void {
    if (this.shown) this.terminal.write('\r\u001B[K')
  }

  private text(now: number): string {
    const perSecond = Math.round(this.done / Math.max(0.001, (now - this.sinceMs) / 1000))
    const rate = `${this.done.toLocaleString('en')} (${perSecond.toLocaleString('en')}/s)`
    if (this.total === undefined || this.total === 0) return `${this.what} ${rate}`
    const share = Math.min(1, this.done / this.total)
    const full = Math.round(share * BAR_WIDTH)
    return `${this.what} ${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(share * 100)} % ${rate}`
  }
}
