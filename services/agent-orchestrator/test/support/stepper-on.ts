import { loadSpoolConfig } from '@spool/config'
import { Blobs, type Log, SessionLoader } from '@spool/log'
import { Stepper } from '../../src/stepping/stepper.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'

/** Takes steps as an orchestrator without any configuration does. */
export function stepperOn(log: Log): Stepper {
  const { agents, models } = loadSpoolConfig({ SPOOL_CONFIG: 'none' })
  const surroundings = { agents, models, toolbox: new Toolbox([]), recall: async () => [] }
  return new Stepper(log, new SessionLoader(log), surroundings, new Blobs(log.bus))
}
