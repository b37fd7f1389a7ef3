// A service that dies as soon as it is started.
process.stdout.write(`no such luck\n`)
process.exit(3)
