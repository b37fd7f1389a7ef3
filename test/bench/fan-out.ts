/**
 * One session watched by many: `npm run bench:fan-out -- [clients] [events/s] [seconds]`. How late is each event at each
 * client, from before it is appended to where it is read? Load, gateway and NATS share this machine.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from './cpu-time.ts'
import { Crowd } from './crowd.ts'
import { report, writeFigures } from './figures.ts'
import { startGatewayAlone } from './gateway-alone.ts'
import { Ticking } from './ticking.ts'

const [clients = 2000, perSecond = 50, seconds = 20] = process.argv.slice(2).map(Number)

const ms = (value: number) => value.toFixed(0)

const alone = await startGatewayAlone({ LOG_LEVEL: 'info' })
const crowd = new Crowd()
try {
  const writer = await alone.session('watched')
  const { gateway, key } = alone
  crowd.open(gateway.url, key, ['/v1/sessions/watched/events'], clients)
  await crowd.until('all have the first event', ({ least }) => least > 0)
  const ticking = new Ticking(writer, perSecond)
  // Nobody measures what is compiled for the first time.
  await sleep(5000)
  await crowd.report(true)
  const before = { gateway: cpuMsOf(gateway.pid), crowd: cpuMsOf(crowd.pid), made: ticking.made, at: performance.now() }
  await sleep(seconds * 1000)
  const elapsedMs = performance.now() - before.at
  const share = (now: number, then: number) => `${Math.round(((now - then) / elapsedMs) * 100)} %`
  const used = `gateway ${share(cpuMsOf(gateway.pid), before.gateway)}, load ${share(cpuMsOf(crowd.pid), before.crowd)}`
  const rate = (ticking.made - before.made) / (elapsedMs / 1000)
  await ticking.stop()
  await crowd.until('all have the last event', ({ least }) => least === ticking.position)
  const { faults, lateness } = await crowd.report(true)
  const { p50, p99, max, worstClientP99, count } = lateness!
  report(
    `${clients} clients, ${rate.toFixed(1)} events/s: deliveries measured`,
    `${count}, ${faults} faults`,
    '0 faults',
  )
  report('late by', `p50 ${ms(p50)}  p99 ${ms(p99)}  max ${ms(max)} ms`)
  report('the p99 of the client with the worst', `${ms(worstClientP99)} ms`, '250 ms')
  report('of a core', used)
} finally {
  crowd.stop()
  await alone.stop()
}
writeFigures()
process.exit(0)
