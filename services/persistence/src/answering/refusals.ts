import { RpcException } from '@nestjs/microservices'

/** A refusal that the asker gets as it is. */
export class QueryRefusal extends RpcException {
  constructor(code: 'behind' | 'bad_query' | 'erased' | 'cursor_not_found' | 'not_requested', message: string) {
    super({ code, message })
  }
}

/** Without a code: to whoever asks it is as if nobody had answered, so it is asked again. */
export class CannotAnswer extends RpcException {
  constructor() {
    super('The database does not answer.')
  }
}
