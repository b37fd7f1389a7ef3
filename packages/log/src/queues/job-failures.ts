import { Catch, type RpcExceptionFilter } from '@nestjs/common'
import { type Observable, throwError } from 'rxjs'

/**
 * Hands a handler's failure on as it is: `app.useGlobalFilters(new JobFailures())`. Nest's own filter puts an
 * "Internal server error" without a cause in its place, and `onError` of the queues would hear nothing else.
 */
@Catch()
export class JobFailures implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error)
  }
}
