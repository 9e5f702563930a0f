import { client } from './client.ts'
import { bookPath, type Scene } from './scene.ts'

/** Steady load over all agents until stopped; every answer that is not 200 is kept. */
export function steadyLoad(of: Scene) {
  const asked = client(8)
  const failures: string[] = []
  let requests = 0
  const stopping = new AbortController()
  const reader = async (id: number) => {
    while (!stopping.signal.aborted) {
      const agent = of.agents[requests % of.agents.length]
      requests++
      await asked
        .ask(`${agent?.url}${bookPath}`, { headers: { cookie: `uid=reader-${id}-${requests % 100}` } })
        .then(
          ({ status }) => status !== 200 && failures.push(String(status)),
          (error: Error) => failures.push(error.message),
        )
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const readers = Promise.all([0, 1, 2, 3].map(reader))
  return {
    async stop() {
      stopping.abort()
      await readers
      asked.close()
      return { requests, failures }
    },
  }
}
