import { join } from 'node:path'
import { type Deployment, eventually } from './deployment.ts'
import { ServiceProcess } from './service-process.ts'

const MAIN = join(import.meta.dirname, 'tool-worker-main.ts')

/** A worker for tools as its own process. One that is `doomed` stops at the places that its sessions name. */
export async function startToolProcess(spool: Deployment, name: string, isDoomed = false): Promise<ServiceProcess> {
  const args = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', MAIN]
  const env = { SPOOL_INSTANCE: name, DOOMED: isDoomed ? '1' : '' }
  const process = ServiceProcess.of(name, args, spool.nats.url, env)
  spool.processes.add(process)
  await eventually(() => process.isReady || process.exitCode !== null, `${name} is up`)
  if (!process.isReady) throw new Error(process.output)
  return process
}
