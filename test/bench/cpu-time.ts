import { readdirSync, readFileSync } from 'node:fs'

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux there is. */
const MS_PER_TICK = 10

interface ProcessTimes {
  parent: number
  ms: number
}

/** The processor time that a process, all it has started, and all that of it which is over, have used. Linux only. */
export function cpuMsOf(pid: number): number {
  const all = new Map<number, ProcessTimes>()
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? timesOf(name) : undefined
    if (times !== undefined) all.set(Number(name), times)
  }
  const sum = (one: number): number => {
    const children = [...all].filter(([, { parent }]) => parent === one).map(([child]) => sum(child))
    return children.reduce((total, ms) => total + ms, all.get(one)?.ms ?? 0)
  }
  return sum(pid)
}

/** `undefined`: it has ended meanwhile. */
function timesOf(pid: string): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name, which may have spaces: state, parent, …, and from the twelfth on the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0)
    return { parent: Number(fields[1]), ms: ticks * MS_PER_TICK }
  } catch {
    return undefined
  }
}

/** The processor time that all of this machine has used. Linux only. */
export function cpuMsOfAll(): number {
  const [user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'utf8')
    .slice('cpu'.length)
    .trimStart()
    .split(' ', 7)
    .map(Number) as [number, number, number, number, number, number, number]
  return (user + nice + system + irq + softIrq) * MS_PER_TICK
}
