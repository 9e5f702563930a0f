import { useLocation } from '@tanstack/react-router'

/** The environment everything on screen belongs to; it is in the address (`?environment=`). */
export function useEnvironmentId(): string {
  return useLocation({ select: ({ search }) => environmentIn(search) })
}

export function environmentIn(search: { readonly environment?: unknown }): string {
  return typeof search.environment === 'string' ? search.environment : 'default'
}
