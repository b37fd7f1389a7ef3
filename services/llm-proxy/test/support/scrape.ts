/** The metrics of this process, as whoever scrapes them sees them. */
export class Scrape {
  private constructor(readonly text: string) {}

  static async of({ metricsPort }: { readonly metricsPort: number }): Promise<Scrape> {
    return new Scrape(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text())
  }

  /** The sum over all series of this name that have these labels; nothing where there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const wanted = Object.entries(labels).map(([label, value]) => `${label.replaceAll('.', '_')}="${value}"`)
    const found = this.text
      .split('\n')
      .filter((line) => line.startsWith(`${name.replaceAll('.', '_')}{`) && wanted.every((each) => line.includes(each)))
    return found.length === 0 ? undefined : found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
}
