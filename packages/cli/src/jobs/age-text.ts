const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** `45 s`, `3 m 20 s`, `2 d 4 h`: the two largest units. */
export function ageText(ms: number): string {
  const atLeast = Math.max(0, ms)
  if (atLeast < 10_000) return `${(atLeast / 1000).toFixed(1)} s`
  if (atLeast < 60_000) return `${Math.floor(atLeast / 1000)} s`
  const first = UNITS.findIndex(([, unitMs]) => atLeast >= unitMs)
  const [unit, unitMs] = UNITS[first]!
  const [smaller, smallerMs] = UNITS[first + 1] ?? (['s', 1000] as const)
  return `${Math.floor(atLeast / unitMs)} ${unit} ${Math.floor((atLeast % unitMs) / smallerMs)} ${smaller}`
}
