export { COMMANDS } from './commands.ts'
export { cliSchema } from './connecting/settings.ts'
export { ExitCode } from './exit-codes.ts'
export { runCli } from './run-cli.ts'
