// Stands in for a service without a port.
setInterval(() => {}, 1_000_000)
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), msg: 'ended in order' })}\n`)
  process.exit(0)
})
