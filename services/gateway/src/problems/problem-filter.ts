import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common'
import type { Logger } from '@spool/telemetry'
import { LOGGER } from '../tokens.ts'
import { sendProblem } from './send-problem.ts'

/** Everything that goes wrong before an answer has begun ends here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    sendProblem(error, http.getRequest(), http.getResponse(), this.logger)
  }
}
