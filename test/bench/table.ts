import type { Figure } from './figure.ts'

const WIDTHS = { what: 60, who: 24, values: 42, ratio: 24 }

/** Each figure as a line for us and one for each of the others, with what we are of that: 0.50 is half. */
export function tableOf(figures: readonly Figure[]): string {
  return figures.map((figure) => `${linesOf(figure).join('\n')}\n`).join('')
}

export const heading = (): string => `${row('', 'who', 'figure', 'spool is times that', 'asked')}\n`

function linesOf(figure: Figure): string[] {
  const { what, unit, sync, spool, beside, asked, note } = figure
  const words = wrapped(sync === 'always' ? `${what} (sync_interval: always)` : what)
  const asking = asked === undefined ? '' : `${asked.text}: ${asked.reached ? 'reached' : 'NOT REACHED'}`
  const rows = [
    ['spool', valuesOf(spool, unit), '', asking],
    ...Object.entries(beside).map(([name, values]) =>
      values === null ? [name, '-', '', ''] : [name, valuesOf(values, unit), ratios(figure, values), ''],
    ),
  ]
  const height = Math.max(rows.length, words.length)
  const lines = Array.from({ length: height }, (_, at) => {
    const [who = '', values = '', ratio = '', asked_ = ''] = rows[at] ?? []
    return row(words[at] ?? '', who, values, ratio, asked_)
  })
  return note === undefined ? lines : [...lines, `    ${note}`]
}

function row(what: string, who: string, values: string, ratio: string, asked: string): string {
  const cells = [what.padEnd(WIDTHS.what), who.padEnd(WIDTHS.who), values.padEnd(WIDTHS.values)]
  return [...cells, ratio.padEnd(WIDTHS.ratio), asked].join(' ').trimEnd()
}

function valuesOf(values: Readonly<Record<string, number>>, unit: Figure['unit']): string {
  const named = Object.entries(values).map(([name, value]) => `${name} ${shown(value)}`)
  return `${named.join('  ')}${unit === 'count' ? '' : ` ${unit}`}`
}

/** Of what both have a value for. */
export function ratiosTo(figure: Figure, others: Readonly<Record<string, number>>): Record<string, number> {
  const both = Object.entries(figure.spool).filter(([name]) => (others[name] ?? 0) !== 0)
  return Object.fromEntries(both.map(([name, value]) => [name, value / others[name]!]))
}

function ratios(figure: Figure, others: Readonly<Record<string, number>>): string {
  return Object.entries(ratiosTo(figure, others))
    .map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`)
    .join('  ')
}

/** Three digits that say something. */
function shown(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

function wrapped(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last.length + word.length + 1 <= WIDTHS.what) lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
    else lines.push(`  ${word}`)
  }
  return lines
}
