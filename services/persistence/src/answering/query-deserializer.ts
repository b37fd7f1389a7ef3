import type { ConsumerDeserializer, IncomingRequest } from '@nestjs/microservices'

/** What of a message of NATS is looked at. */
interface Heard {
  readonly subject: string
  json<Content>(): Content
}

/**
 * Takes what was asked, and nothing that the server pushes here: whoever may make a consumer on the LOG names any
 * subject as the one to deliver to, ours included. What is pushed so keeps the subject that it was stored under.
 */
export class QueryDeserializer implements ConsumerDeserializer {
  deserialize(message: Heard, { channel }: { channel: string }): IncomingRequest {
    if (message.subject !== channel) return { id: '', pattern: channel, data: undefined }
    return message.json<IncomingRequest>()
  }
}
