import { runLauncher } from '../../src/launcher/run-launcher.ts'
import { standIn, standInPlan } from './plan.ts'

// The launcher as a program, with stand-ins. `STAND_IN_PROXY` names another script for the llm-proxy.
const proxy = process.env['STAND_IN_PROXY']
const services = standInPlan.services.map((service) =>
  proxy && service.name === 'llm-proxy' ? { ...service, script: standIn(proxy) } : service,
)
await runLauncher({ ...standInPlan, services })
