import type { Frame } from './follower.ts'

/** From when a model is asked until it is done it writes, and whoever runs the agent has nothing to do. */
const WRITING = new Set(['message.started', 'generation.started', 'tool.input.delta', 'text.delta'])

/** Names the places of a run at which something may die: the event that a follower saw last, and what it is about. */
export class PlacesOfRun {
  private readonly names = new Map<unknown, string>()

  /** The name of the place behind this event. */
  after({ event: type, data }: Frame): string {
    if (type === 'tool.called') this.names.set(data['call'], callName(data['name'], data['task'] !== undefined))
    if (type === 'message.requested') this.names.set(data['message'], String(data['purpose']))
    const about = this.names.get(data['call']) ?? this.names.get(data['message']) ?? data['phase'] ?? ''
    return `${WRITING.has(type) ? 'the model writes:' : type} ${String(about)}`.trim()
  }
}

export function callName(tool: unknown, isTask: boolean): string {
  return `${String(tool)}${isTask ? ', as a task' : ''}`
}

/** Which places were hit, and how often. */
export class Hits {
  private readonly counts: Map<string, number>

  constructor(places: Iterable<string>) {
    this.counts = new Map([...places].map((place) => [place, 0]))
  }

  get missing(): string[] {
    return [...this.counts].flatMap(([place, count]) => (count === 0 ? [place] : []))
  }

  hit(places: Iterable<string>): void {
    for (const place of places) this.counts.set(place, (this.counts.get(place) ?? 0) + 1)
  }

  table(): string {
    return [...this.counts].map(([place, count]) => `${String(count).padStart(5)}  ${place}`).join('\n')
  }
}
