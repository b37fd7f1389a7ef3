import { availableParallelism, cpus, totalmem } from 'node:os'
import { findNats, postgresPrograms, unprivilegedUser } from '@spool/dev'

/** What the figures were measured on: they say nothing without it. */
export interface Machine {
  cores: number
  cpu: string
  memoryGiB: number
  node: string
  nats: string
  postgres: string
}

export async function thisMachine(): Promise<Machine> {
  const [nats, postgres] = await Promise.all([findNats(), postgresPrograms(unprivilegedUser())])
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    nats: nats.version,
    postgres: postgres.version,
  }
}

export function described({ cores, cpu, memoryGiB, node, nats, postgres }: Machine): string {
  return `${cores} cores (${cpu}), ${memoryGiB} GiB; Node ${node}, nats-server ${nats}, Postgres ${postgres}\n`
}
