/**
 * Thousands of clients in one process, made to cost little: one buffer for all of them, no HTTP client, frames found by
 * looking for their marks. Every client checks that each event follows from the one before. Driven by `crowd.ts`.
 */
import { connect, type Socket } from 'node:net'
import type { CrowdCommand, CrowdReport } from './crowd.ts'
import { Lateness } from './lateness.ts'

const ID = 'id: 1-'
const PREV = '"prev":'
/** `Date.now()` with a fraction, at the time when the event was made. */
const MADE = '"made":'
const END = '}\n\n'

const now = () => performance.timeOrigin + performance.now()
const shared = Buffer.allocUnsafeSlow(256 * 1024)

class Client {
  last = 0
  events = 0
  faults = 0
  /** When the answer's head was here, the last time. */
  openedAt = 0
  /** When the first event was here that was made after that. */
  liveAt = 0
  readonly lateness = new Lateness()
  private socket: Socket | null = null
  private rest = ''

  open(command: Extract<CrowdCommand, { do: 'open' }>, path: string): void {
    this.openedAt = 0
    this.liveAt = 0
    this.rest = ''
    const { hostname, port } = new URL(command.url)
    const socket = connect({
      port: Number(port),
      host: hostname,
      onread: {
        buffer: shared,
        callback: (length) => {
          if (this.socket === socket) this.read(length)
          return true
        },
      },
    })
    this.socket = socket
    const lastEventId = this.last > 0 ? `last-event-id: 1-${this.last}\r\n` : ''
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${command.key}\r\n` +
        `accept: text/event-stream\r\n${lastEventId}\r\n`,
    )
    const lost = () => {
      if (this.socket !== socket) return
      this.socket = null
      // As a client does that was cut: again, a moment later.
      setTimeout(() => this.open(command, path), 50 + Math.random() * 50)
    }
    socket.on('error', () => undefined)
    socket.on('close', lost)
  }

  stopReading(): void {
    this.socket?.pause()
  }

  cut(): void {
    const { socket } = this
    this.socket = null
    socket?.destroy()
  }

  private read(length: number): void {
    let text = this.rest + shared.toString('latin1', 0, length)
    this.rest = ''
    const at = now()
    if (this.openedAt === 0) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) {
        this.rest = text
        return
      }
      if (!text.startsWith('HTTP/1.1 200')) this.faults++
      this.openedAt = at
      text = text.slice(end + 4)
    }
    for (let from = 0; ;) {
      const id = text.indexOf(ID, from)
      const end = id < 0 ? -1 : text.indexOf(END, id)
      if (end < 0) {
        this.rest = id < 0 ? text.slice(-ID.length) : text.slice(id)
        return
      }
      const made = text.lastIndexOf(MADE, end)
      this.take(
        Number.parseInt(text.slice(id + ID.length, id + ID.length + 12), 10),
        Number.parseInt(text.slice(text.lastIndexOf(PREV, end) + PREV.length, end), 10),
        made < id ? 0 : Number.parseFloat(text.slice(made + MADE.length, made + MADE.length + 18)),
        at,
      )
      from = end + END.length
    }
  }

  private take(seq: number, prev: number, made: number, at: number): void {
    if (prev !== this.last) this.faults++
    this.last = seq
    this.events++
    if (made === 0) return
    this.lateness.add(at - made)
    if (this.liveAt === 0 && made >= this.openedAt) this.liveAt = at
  }
}

const clients: Client[] = []

function obey(command: CrowdCommand): void {
  switch (command.do) {
    case 'open': {
      const { first, count, paths } = command
      for (let i = first; i < first + count; i++) {
        const client = (clients[i] ??= new Client())
        client.open(command, paths[i % paths.length]!)
      }
      return
    }
    case 'cut':
      for (const client of clients) client.cut()
      return
    case 'stop reading':
      for (const client of clients) client.stopReading()
      return
    case 'report':
      process.send!(report(command.reset))
  }
}

function report(reset: boolean): CrowdReport {
  const opened = clients.filter((client) => client.openedAt > 0)
  const live = clients.filter((client) => client.liveAt > 0)
  const answer: CrowdReport = {
    clients: clients.length,
    opened: opened.length,
    lastOpenedAt: opened.reduce((latest, { openedAt }) => Math.max(latest, openedAt), 0),
    live: live.length,
    lastLiveAt: live.reduce((latest, { liveAt }) => Math.max(latest, liveAt), 0),
    events: clients.reduce((sum, { events }) => sum + events, 0),
    faults: clients.reduce((sum, { faults }) => sum + faults, 0),
    least: clients.reduce((least, { last }) => Math.min(least, last), Infinity),
    lateness: reset ? latenessOf() : null,
  }
  if (reset) for (const { lateness } of clients) lateness.clear()
  return answer
}

function latenessOf(): CrowdReport['lateness'] {
  const all = new Lateness()
  for (const { lateness } of clients) all.addAll(lateness)
  const worst = clients.reduce((most, { lateness }) => Math.max(most, lateness.share(0.99)), 0)
  return { p50: all.share(0.5), p99: all.share(0.99), max: all.max, worstClientP99: worst, count: all.count }
}

process.on('message', (command) => obey(command as CrowdCommand))
process.once('disconnect', () => process.exit())
