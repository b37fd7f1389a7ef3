import { Inject, Injectable } from '@nestjs/common'
import { type Bus, type KeyWatch, type Log, type Readiness as Answer, askReady, busReadiness } from '@spool/log'
import { RoomWatch } from '../admitting/room-watch.ts'
import { Draining } from '../serving/draining.ts'
import { BUS, KEYS, LOG } from '../tokens.ts'

const OTHERS = ['agent-orchestrator', 'llm-proxy', 'persistence'] as const

export interface ReadinessReport {
  ok: boolean
  checks: Record<string, Answer>
}

/** Whether a run that is started now can get an answer and be stored. */
@Injectable()
export class Readiness {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
    @Inject(KEYS) private readonly keys: KeyWatch,
    @Inject(Draining) private readonly draining: Draining,
    @Inject(RoomWatch) private readonly room: RoomWatch,
  ) {}

  async report(): Promise<ReadinessReport> {
    const answers = await Promise.all(OTHERS.map(async (name) => [name, await askReady(this.bus, name)] as const))
    const checks: Record<string, Answer> = {
      gateway: this.own(),
      nats: busReadiness(this.bus),
      log: this.ofLog(),
      ...Object.fromEntries(answers),
    }
    return { ok: Object.values(checks).every((check) => check.ok), checks }
  }

  private own(): Answer {
    if (this.draining.begun) return { ok: false, detail: 'shutting down' }
    if (!this.keys.loaded) return { ok: false, detail: 'the API keys are not loaded yet' }
    return { ok: true }
  }

  private ofLog(): Answer {
    const reason = this.log.horizon.behind ?? this.room.full
    return reason === null ? { ok: true } : { ok: false, detail: reason.message }
  }
}
