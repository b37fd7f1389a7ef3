// A script that works, but has something to say.
process.stderr.write('not quite as you asked\n')
