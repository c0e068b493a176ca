// Starts one of the servers of the chain: node peer.cjs plc|pds. It listens on 127.0.0.1 alone, says
// "ready", and ends with its standard input, so that nothing outlives a test that was killed.
'use strict'

const net = require('node:net')

// Both servers listen on every interface and cannot be told otherwise.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  const done = rest.filter((arg) => typeof arg === 'function')
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...done)
}

const servers = {
  async plc() {
    const { Database, PlcServer } = require('@did-plc/server')
    const plc = PlcServer.create({ db: Database.mock(), port: Number(process.env.PLC_PORT) })
    await plc.start()
  },
  async pds() {
    const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds')
    const env = readEnv()
    const pds = await PDS.create(envToCfg(env), envToSecrets(env))
    await pds.start()
  },
}

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
servers[process.argv[2]]().then(
  () => console.log('ready'),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
