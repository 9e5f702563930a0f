import { useEffect } from 'react'
import { useFreshness, type Freshness } from './live-provider.tsx'

/** A tab in the background tells by its icon whether its title can be believed: a dot, a ring or a cross. */
export function TabIcon() {
  const { kind } = useFreshness()
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (link === null) return
    const plain = link.href
    link.href = `data:image/svg+xml,${encodeURIComponent(iconOf(kind))}`
    return () => {
      link.href = plain
    }
  }, [kind])
  return null
}

const badges: Readonly<Record<Freshness['kind'], string>> = {
  fresh: '<circle cx="23" cy="23" r="7" fill="#2b8a3e" stroke="#fff" stroke-width="2"/>',
  stale: '<circle cx="23" cy="23" r="6" fill="#fff" stroke="#e67700" stroke-width="4"/>',
  offline:
    '<circle cx="23" cy="23" r="8" fill="#c92a2a"/><path d="m20 20 6 6m0-6-6 6" stroke="#fff" stroke-width="2.5"/>',
}

function iconOf(kind: Freshness['kind']): string {
  const mark =
    '<path d="M6 10c10 0 10 12 20 12" stroke="#fff"/><path d="M6 22c10 0 10-12 20-12" stroke="#bac8ff" stroke-dasharray="3 5"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#4263eb"/><g fill="none" stroke-width="3" stroke-linecap="round">${mark}</g>${badges[kind]}</svg>`
}
