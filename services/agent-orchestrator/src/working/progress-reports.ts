import { splitHalf } from '@spool/events'

export interface Told {
  readonly progress?: number
  readonly text?: string
}

/** So often at most: what nobody can follow is not worth an event. */
const APART_MS = 100
const MAX_TEXT = 2000

/** What a tool tells of its progress, as often as it likes: the newest of it is passed on, one at a time. */
export class ProgressReports {
  private newest: Told | null = null
  private sending: Promise<void> | null = null
  private isClosed = false
  private wake: () => void = () => undefined

  constructor(private readonly pass: (told: Told) => Promise<unknown>) {}

  tell(told: Told): void {
    const report = clean(told)
    if (report === null || this.isClosed) return
    this.newest = report
    this.sending ??= this.send()
  }

  /** Nothing more is passed on. Resolves when what is on its way is through. */
  async close(): Promise<void> {
    this.isClosed = true
    this.wake()
    await this.sending
  }

  private async send(): Promise<void> {
    try {
      while (this.newest !== null && !this.isClosed) {
        const told = this.newest
        this.newest = null
        await this.pass(told)
        if (!this.isClosed) await this.pause()
      }
    } catch {
      // The log cannot take it: the end of the call meets the same.
    } finally {
      this.sending = null
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, APART_MS)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** A tool may be anybody's: what it says is made to fit. */
function clean({ progress, text }: Told): Told | null {
  const hasProgress = typeof progress === 'number' && Number.isFinite(progress)
  const hasText = typeof text === 'string'
  if (!hasProgress && !hasText) return null
  return {
    ...(hasProgress && { progress: Math.min(1, Math.max(0, progress)) }),
    ...(hasText && { text: splitHalf(text.slice(0, MAX_TEXT)).whole }),
  }
}
