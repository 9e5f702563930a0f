import { bookService } from './book-service.ts'

// node serve.ts legacy|new PORT [HOST]
const [side, port, host = '127.0.0.1'] = process.argv.slice(2)
if ((side !== 'legacy' && side !== 'new') || !/^\d+$/.test(port ?? '')) {
  console.error('usage: serve.ts legacy|new PORT [HOST]')
  process.exit(64)
}
const { server } = bookService(side, Math.random)
server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${port} is in use` : error.message)
  process.exit(1)
})
server.listen(Number(port), host, () =>
  console.log(`The ${side} book service listens on http://${host}:${port}`),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}
