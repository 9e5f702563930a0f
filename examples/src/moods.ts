/** How a service behaves; changed while it runs, to see what Crossfade makes of it. */
export const moods = {
  well: { meaning: 'answers as usual', slowness: 1, failureRate: 0 },
  slow: { meaning: 'takes ten times as long', slowness: 10, failureRate: 0 },
  failing: { meaning: 'answers 500 to every third request', slowness: 1, failureRate: 1 / 3 },
  broken: { meaning: 'answers 500 to everything', slowness: 1, failureRate: 1 },
} as const

export type Mood = keyof typeof moods

export function isMood(text: string): text is Mood {
  return Object.hasOwn(moods, text)
}
