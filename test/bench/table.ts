import type { Figure } from './figure.ts'

const WIDTHS = { what: 50, who: 20, values: 38, ratio: 24, asked: 32 }

/** Each figure as a line for us and one for each of the others, with what we are of that: 0.50 is half. */
export function tableOf(figures: readonly Figure[]): string {
  return figures.map((figure) => `${linesOf(figure).join('\n')}\n`).join('')
}

export const heading = (): string => `${row('', 'who', 'figure', 'spool / other', 'asked')}\n`

function linesOf(figure: Figure): string[] {
  const { what, unit, sync, spool, beside, asked, note } = figure
  const asking = asked === undefined ? '' : `${asked.text}: ${asked.reached ? 'reached' : 'NOT REACHED'}`
  const others = Object.entries(beside).flatMap(([name, values]) =>
    values === null ? linesOfOne(name, '-') : linesOfOne(name, valuesOf(values, unit), ratios(figure, values)),
  )
  const rows = [...linesOfOne('spool', valuesOf(spool, unit), '', asking), ...others]
  const words = wrapped(sync === 'always' ? `${what} (sync_interval: always)` : what, WIDTHS.what)
  const lines = Array.from({ length: Math.max(rows.length, words.length) }, (_, at) => {
    const [who = '', values = '', ratio = '', asking_ = ''] = rows[at] ?? []
    return row(words[at] ?? '', who, values, ratio, asking_)
  })
  return note === undefined ? lines : [...lines, `    ${note}`]
}

/** The cells of one of those who are compared, over as many lines as they need. */
function linesOfOne(who: string, values: string, ratio = '', asked = ''): string[][] {
  const cells = [
    wrapped(who, WIDTHS.who),
    wrapped(values, WIDTHS.values, '  '),
    wrapped(ratio, WIDTHS.ratio, '  '),
    wrapped(asked, WIDTHS.asked),
  ]
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, at) => cells.map((lines) => lines[at] ?? ''))
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

/** In lines of so many characters, where it can be parted; those after the first stand in a little. */
function wrapped(text: string, width: number, parting = ' '): string[] {
  const lines = ['']
  for (const word of text.split(parting)) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + parting.length + word.length <= width) lines[lines.length - 1] = `${last}${parting}${word}`
    else lines.push(`  ${word}`)
  }
  return lines
}
