import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The settings that `infra/nats` has for every server of ours. Copied in: the server may not be able to go there. */
export const sharedNatsConfig = () => readFileSync(join(import.meta.dirname, '../../../nats/common.conf'), 'utf8')
