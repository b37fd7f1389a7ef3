import { readFileSync } from 'node:fs'

/** Of one process, with whatever it shares. Linux only. */
export function residentMiBOf(pid: number): number {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}
