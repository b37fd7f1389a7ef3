import type { ChaosReport } from './chaos.ts'
import type { Recovery } from './judging/recovery.ts'

/** What happened, in one table: its parts one below the other. */
export function table({ verdicts, clients, faults }: ChaosReport): string {
  const byKind = Map.groupBy(faults, ({ kind }) => kind)
  return [
    part('runs', 'count', verdicts.ends, count),
    part('calls of tools', 'count', verdicts.calls, count),
    part('memories', 'count', verdicts.memories, count),
    part('partial answers', 'count', verdicts.partials, count),
    part('clients', 'count   events  reconnects', clients, ({ clients: number, seen, reconnects }) =>
      [count(number), String(seen).padStart(8), String(reconnects).padStart(11)].join(' '),
    ),
    part(
      'faults',
      'count   to the next token: clients  p50 s  p99 s',
      Object.fromEntries([...byKind].map(([kind, all]) => [kind, { hits: all.length, ...verdicts.recovery[kind] }])),
      ({ hits, ...recovery }) => `${count(hits)} ${recovered(recovery)}`,
    ),
    `${''.padEnd(WIDTH)}${' '.repeat(7)}${recovered(verdicts.recovery['all'] ?? {})}  all of them`,
  ].join('\n')
}

const WIDTH = 44
const seconds = (ms: number | null | undefined) => (ms === null || ms === undefined ? '-' : (ms / 1000).toFixed(2))
const count = (number: number) => String(number).padStart(6)

function part<Value>(title: string, head: string, rows: Record<string, Value>, show: (value: Value) => string): string {
  const lines = Object.entries(rows).toSorted(([a], [b]) => a.localeCompare(b))
  return [
    `\n${title.padEnd(WIDTH)} ${head}`,
    ...lines.map(([name, value]) => `  ${name.padEnd(WIDTH - 2)}${show(value)}`),
  ].join('\n')
}

function recovered({ count: clients, p50, p99 }: Partial<Recovery>): string {
  return `${String(clients ?? 0).padStart(25)} ${seconds(p50).padStart(8)} ${seconds(p99).padStart(6)}`
}
