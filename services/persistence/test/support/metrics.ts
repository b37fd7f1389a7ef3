import type { Copy } from './system.ts'

/** The value of one metric of a copy, as whoever scrapes it sees it. */
export async function metricOf(copy: Copy, name: string): Promise<number> {
  const port = /"metricsPort":(\d+)/.exec(copy.output())?.[1]
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const line = text.split('\n').find((each) => each.startsWith(name))
  return Number(line?.split(' ').at(-1))
}
