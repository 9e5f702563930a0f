import { useSearch } from '@tanstack/react-router'

/** The environment everything on screen belongs to; it is in the address (`?environment=`). */
export function useEnvironmentId(): string {
  const search: { environment?: string } = useSearch({ strict: false })
  return search.environment ?? 'default'
}
