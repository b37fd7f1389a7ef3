import type { Bus } from './bus.ts'

export interface Readiness {
  ok: boolean
  /** For people: what is missing, or nothing. */
  detail?: string
}

/** A process that may not listen to what it must hear is of no use. */
export function busReadiness(bus: Bus): Readiness {
  if (!bus.connected) return { ok: false, detail: 'no connection' }
  return bus.deafTo === null ? { ok: true } : { ok: false, detail: bus.deafTo.message }
}

/** Answers for one copy of a service whether it can be used. */
export function answerReady(bus: Bus, service: string, check: () => Readiness | Promise<Readiness>): () => void {
  const subscription = bus.nc.subscribe(`ready.${service}`, {
    queue: 'ready',
    callback: (error, message) => {
      if (error) return
      void Promise.resolve()
        .then(check)
        .catch((): Readiness => ({ ok: false, detail: 'its own check failed' }))
        .then((readiness) => message.respond(JSON.stringify(readiness)))
    },
  })
  return () => subscription.unsubscribe()
}

export async function askReady(bus: Bus, service: string, timeoutMs = 1000): Promise<Readiness> {
  if (!bus.connected) return { ok: false, detail: 'no connection to NATS' }
  try {
    const reply = await bus.nc.request(`ready.${service}`, '', { timeout: timeoutMs })
    return reply.json<Readiness>()
  } catch {
    return { ok: false, detail: 'does not answer' }
  }
}
