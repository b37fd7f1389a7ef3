import { freePort, ServerDidNotStart } from '@spool/dev'

/** Starts a server on a port that is free; tries another when somebody was faster. A port that is given is kept. */
export async function onAFreePort<Server>(
  given: number | undefined,
  start: (port: number) => Promise<Server>,
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = given ?? (await freePort())
    try {
      return { server: await start(port), port }
    } catch (error) {
      const worthAnother = error instanceof ServerDidNotStart && error.portTaken && given === undefined && attempt < 5
      if (!worthAnother) throw error
    }
  }
}
