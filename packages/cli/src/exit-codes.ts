/** What scripts can rely on. */
export const ExitCode = {
  done: 0,
  /** It did its work, and what it found is not as it must be; or it could not be done. */
  failed: 1,
  /** It was asked for in a way that it does not understand. Nothing was done. */
  usage: 2,
  /** What it needs (the gateway, NATS, Postgres, persistence) does not answer, or a key or password is refused or missing. */
  unavailable: 3,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
