import { freePort } from './free-port.ts'
import { ServerDidNotStart } from './processes/server-did-not-start.ts'

const attempts = 5

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
      const worthAnother = error instanceof ServerDidNotStart && error.portTaken
      if (!worthAnother || given !== undefined || attempt === attempts) throw error
    }
  }
}
