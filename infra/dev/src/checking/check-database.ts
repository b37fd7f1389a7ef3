import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { unprivilegedUser } from '../folders/unprivileged-user.ts'
import { LaunchProblem } from '../launcher/launch-problem.ts'
import type { LaunchSettings } from '../launcher/settings.ts'
import { postgresPrograms } from '../postgres/postgres-programs.ts'

const answerWithinMs = 3_000
const defaultPort = 5432

export async function checkDatabase({ databaseUrl }: Pick<LaunchSettings, 'databaseUrl'>): Promise<string> {
  return databaseUrl === undefined ? checkOwn() : checkGiven(databaseUrl)
}

async function checkOwn(): Promise<string> {
  const user = unprivilegedUser()
  const { postgres } = await postgresPrograms(user)
  try {
    const { stdout } = await promisify(execFile)(postgres, ['--version'], { cwd: '/', ...user })
    return stdout.trim().replace(/^postgres \(PostgreSQL\)/, 'Postgres')
  } catch (error) {
    throw new LaunchProblem(`Postgres does not run here: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

async function checkGiven(url: string): Promise<string> {
  if (!URL.canParse(url))
    throw new LaunchProblem('DATABASE_URL is not a URL: postgres://user:password@host:port/database')
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port || defaultPort) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerWithinMs) })
    return `Postgres accepts connections at ${host}`
  } catch (error) {
    throw new LaunchProblem(`No Postgres answers at ${host} (DATABASE_URL).`, { cause: error })
  } finally {
    socket.destroy()
  }
}
