import type { Bus } from '@spool/log'
import { effectTools } from './test-tools.ts'
import { startToolWorker } from './tool-worker.ts'

/** Where it stops for good, by the beginning of the session's id. */
const hangs: Record<string, readonly [event: string, when: 'before' | 'after']> = {
  'before-started': ['tool.started', 'before'],
  'after-started': ['tool.started', 'after'],
  'before-completed': ['tool.completed', 'before'],
  'after-completed': ['tool.completed', 'after'],
}

const say = (line: string) => void process.stdout.write(`${line}\n`)
const never = new Promise<never>(() => undefined)

function dieSlowly(bus: Bus): void {
  const publish = bus.acks.publish.bind(bus.acks)
  bus.acks.publish = async (subject, data, headers) => {
    const session = subject.split('.').at(-1)!
    const place = Object.keys(hangs).find((name) => session.startsWith(name))
    const [event, when] = hangs[place ?? ''] ?? []
    const { type } = JSON.parse(Buffer.from(data).toString()) as { type: string }
    const hang = type === event ? when : undefined
    if (hang === undefined) return publish(subject, data, headers)
    if (hang === 'after') await publish(subject, data, headers)
    say(`at ${session}`)
    return never
  }
}

const worker = await startToolWorker({
  url: process.env['NATS_URL']!,
  name: process.env['SPOOL_INSTANCE']!,
  tools: effectTools(),
  ...(process.env['DOOMED'] === '1' && { tamper: dieSlowly }),
  onSettled: (session, { kind }) => say(`settled ${session} ${kind}`),
})
process.once('SIGTERM', () => void worker.stop(5000).then(() => process.exit(0)))
say('"Ready"')
