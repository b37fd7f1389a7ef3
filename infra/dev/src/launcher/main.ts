import { spoolPlan } from './plan.ts'
import { runLauncher } from './run-launcher.ts'

// What `npm start` and `npm run dev` run, once everything is installed and built.
await runLauncher(spoolPlan)
