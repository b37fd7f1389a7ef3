import { execFile } from 'node:child_process'

export const oldestNatsVersion = '2.10.0'

/** What `<binary> --version` says, e.g. `2.10.27`; undefined when it is no nats-server or does not run here. */
export function natsVersion(binary: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(binary, ['--version'], { timeout: 5000 }, (error, stdout) => {
      resolve(error ? undefined : stdout.match(/nats-server: v?(\d+\.\d+\.\d+\S*)/)?.[1])
    })
  })
}

export const isNewEnough = (version: string) => compareVersions(version, oldestNatsVersion) >= 0

export function compareVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)]
  for (let part = 0; part < 3; part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const numbersOf = (version: string) => version.split(/[.-]/, 3).map(Number)
