import { waitUntilReady } from '../../../infra/dev/src/launcher/wait-until-ready.ts'

const WITHIN_MS = 60_000

/** A gateway that does not say that all of Spool can be used, though everybody has been let alone. */
export async function unready(urls: readonly string[], withinMs: number = WITHIN_MS): Promise<string[]> {
  try {
    await waitUntilReady(urls, withinMs)
    return []
  } catch (error) {
    return [`after all that the system is not ready: ${String(error)}`]
  }
}
