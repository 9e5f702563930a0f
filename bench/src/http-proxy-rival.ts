import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'

// node http-proxy-rival.ts PORT LEGACY NEW : the split people write by hand on http-proxy.
const [port, legacy, replacement] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const proxy = httpProxy.createProxyServer({ agent, xfwd: true })
proxy.on('error', (_error, _request, response) => response.destroy())
createServer((request, response) => {
  const target = `http://127.0.0.1:${Math.random() < 0.25 ? replacement : legacy}`
  proxy.web(request, response, { target })
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
