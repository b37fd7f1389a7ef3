import { createHash } from 'node:crypto'

const maxLength = 64

/**
 * What the tools of a server are called here: `<server>__<tool>`, in letters that every provider takes, and each but once.
 * A name depends on no other tool but those that would be called the same, nor on their order: it stands in the file and
 * in logs, and has to mean the same tomorrow.
 */
export function toolNames(server: string, names: readonly string[]): Map<string, string> {
  const prefix = `${cleaned(server)}__`
  const given = new Map<string, string[]>()
  for (const name of new Set(names)) {
    const short = prefix + cleaned(name)
    given.set(short, [...(given.get(short) ?? []), name])
  }
  return new Map(
    [...given].flatMap(([short, sharing]) =>
      sharing.map((name) => {
        const fits = short.length <= maxLength
        const keeps = fits && (sharing.length === 1 || prefix + name === short)
        return [name, keeps ? short : marked(short, name)] as const
      }),
    ),
  )
}

const cleaned = (name: string) => name.replaceAll(/[^A-Za-z0-9_-]/g, '_')

function marked(short: string, name: string): string {
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${short.slice(0, maxLength - mark.length - 1)}_${mark}`
}
