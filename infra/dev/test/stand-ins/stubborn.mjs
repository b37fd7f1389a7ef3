// A service that does not end when it is asked to.
setInterval(() => {}, 1_000_000)
process.on('SIGTERM', () => {})
